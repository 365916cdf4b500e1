/// How much of what others have chosen a record holds, so that each has a largest size.
struct TextLimits {
    /// Bytes of one text.
    let text: Int
    /// Elements of one array.
    let elements: Int
    /// Bytes of all elements of one array.
    let elementBytes: Int

    /// The largest record with its line feed. A reader needs one buffer of this size and nothing more.
    static let record = 65_536

    /// From the usual ones to those by which each record fits, whatever is in it: a byte takes at most six as an
    /// escape, or three and a third as a replacement with its base64.
    static let steps: InlineArray<3, TextLimits> = [
        TextLimits(text: 4096, elements: 1024, elementBytes: 16_384),
        TextLimits(text: 1024, elements: 256, elementBytes: 4096),
        TextLimits(text: 256, elements: 64, elementBytes: 1024),
    ]

    /// How many bytes of a text stay: the limit, or up to three less where a character would be cut.
    func length(of text: [UInt8]) -> Int {
        guard text.count > self.text else { return text.count }
        for back in 0..<4 where text[self.text - back] & 0xc0 != 0x80 {
            let start = self.text - back
            let sequence = UTF8Sequence(text, at: start)
            return sequence.scalar != nil && start + sequence.length > self.text ? start : self.text
        }
        return self.text
    }

    /// How many elements of an array stay.
    func count(of elements: some Collection<Int>) -> Int {
        var bytes = 0
        var count = 0
        for element in elements {
            bytes += element
            if count == self.elements || bytes > elementBytes { return count }
            count += 1
        }
        return count
    }
}
