/// Arguments of a command without what looks like a secret: the log is kept for months and read by others than
/// those who typed the command.
///
/// Taken out are the values behind names such as `--token`, `API_KEY=` or `Authorization:`, user and password of
/// URLs, what begins as the keys of well-known services do, and what the profile lists (`audit.redact`). It is
/// a net, not a wall: a secret that looks like any other word stays.
struct Redaction {
    /// The arguments as they may be recorded.
    private(set) var arguments: [[UInt8]]
    /// How many of them differ from the real ones.
    private(set) var count = 0

    static let mark = Array("[redacted]".utf8)

    /// Whether the word before was a name whose value comes next, as in `--token VALUE`.
    private var expectsValue = false

    /// Looks through arguments.
    init(_ arguments: [[UInt8]], listed: [[UInt8]]) {
        self.arguments = []
        self.arguments.reserveCapacity(arguments.count)
        for argument in arguments {
            let shown = words(of: Self.replacing(listed, in: argument))
            if shown != argument { count += 1 }
            self.arguments.append(shown)
        }
    }

    /// Goes word by word, because a secret can stand in the middle of a shell command that is one argument.
    private mutating func words(of argument: [UInt8]) -> [UInt8] {
        var shown: [UInt8] = []
        shown.reserveCapacity(argument.count)
        var start = 0
        for (index, byte) in argument.enumerated() where SecretPattern.separates(byte) {
            shown += word(argument[start..<index])
            shown.append(byte)
            start = index + 1
        }
        return shown + word(argument[start...])
    }

    private mutating func word(_ word: ArraySlice<UInt8>) -> [UInt8] {
        if word.isEmpty { return [] }
        if expectsValue {
            // `Authorization: Bearer VALUE` has a word between.
            if SecretPattern.isScheme(word) { return Array(word) }
            expectsValue = false
            // Another option instead of the value: the one before had none.
            if word.first != UInt8(ascii: "-") { return Self.mark }
        }
        if let value = SecretPattern.valueStart(in: word) {
            if value == word.endIndex { expectsValue = true }
            return value == word.endIndex ? Array(word) : Array(word[..<value]) + Self.mark
        }
        if SecretPattern.isKey(word) { return Self.mark }
        guard let user = SecretPattern.user(in: word) else { return Array(word) }
        return Array(word[..<user.lowerBound]) + Self.mark + Array(word[user.upperBound...])
    }

    private static func replacing(_ listed: [[UInt8]], in argument: [UInt8]) -> [UInt8] {
        var shown = argument
        for text in listed where !text.isEmpty {
            var place = 0
            while place + text.count <= shown.count {
                if shown[place..<(place + text.count)].elementsEqual(text) {
                    shown.replaceSubrange(place..<(place + text.count), with: mark)
                    place += mark.count
                } else {
                    place += 1
                }
            }
        }
        return shown
    }

    /// A URL without user and password.
    static func withoutUser(_ url: [UInt8]) -> [UInt8] {
        guard let user = SecretPattern.user(in: url[...]) else { return url }
        return Array(url[..<user.lowerBound]) + Array(url[user.upperBound...].dropFirst())
    }

    /// The arguments as sh(1) would read them, on one line.
    var commandLine: [UInt8] {
        var line: [UInt8] = []
        for (index, argument) in arguments.enumerated() {
            if index > 0 { line.append(UInt8(ascii: " ")) }
            if !argument.isEmpty, argument.allSatisfy(Self.isPlain) {
                line += argument
                continue
            }
            line.append(UInt8(ascii: "'"))
            for byte in argument {
                if byte == UInt8(ascii: "'") { line += Array("'\\''".utf8) } else { line.append(byte) }
            }
            line.append(UInt8(ascii: "'"))
        }
        return line
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        SecretPattern.isLetterOrDigit(byte) || "@%+=:,./_-".utf8.contains(byte)
    }
}
