extension String {
    /// The text with blanks behind it up to a number of characters.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
