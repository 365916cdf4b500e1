internal import Linux

/// Where answers and messages go.
enum Output {
    /// Writes an answer to standard output.
    static func answer(_ text: String) {
        try? Files.writeAll(1, Array(text.utf8))
    }

    /// Says something on standard error, each line with the program's name in front.
    static func complain(_ text: String) {
        let lines = text.split(separator: "\n").map { "mews: \($0)\n" }
        // A lost standard error is no reason to act otherwise.
        try? Files.writeAll(2, Array(lines.joined().utf8))
    }
}
