internal import Linux

/// What Mews says, on standard error, each line with its name in front; standard output is the command's.
enum Messages {
    /// Says one thing. A lost standard error is no reason to act otherwise.
    static func write(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let message = lines.map { "mews: \($0)\n" }.joined()
        try? Files.writeAll(2, Array(message.utf8))
    }

    /// Answers a question, on standard output.
    static func print(_ text: String) {
        try? Files.writeAll(1, Array(text.utf8))
    }
}
