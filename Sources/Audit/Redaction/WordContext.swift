/// What the words of a command line say of each other: an option's value may be the next word, and some programs
/// have short options for passwords.
struct WordContext {
    private enum Expected {
        case nothing
        /// The whole word.
        case secret(SecretNames.Kind)
        /// `user:password`.
        case userAndPassword
        /// A shell's command.
        case shell
    }

    private var program: ArraySlice<UInt8> = []
    private var isLogin = false
    private var expected = Expected.nothing
    private static let mostDepth = 3

    /// Where secrets stand in the next word of a command line.
    mutating func findSecrets(in word: [UInt8]) -> [Range<Int>] {
        SecretScanner.find(in: word[...]) + findSecrets(inWord: word[...], depth: 0)
    }

    /// Where secrets stand in a shell's command, going by its words alone.
    mutating func findSecrets(inShell text: ArraySlice<UInt8>, depth: Int) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var words = ShellWords(text)
        while let piece = words.next() {
            switch piece {
            case .word(let word): found += findSecrets(inWord: word, depth: depth)
            case .separator: self = WordContext()
            }
        }
        return found
    }

    private mutating func findSecrets(inWord word: ArraySlice<UInt8>, depth: Int) -> [Range<Int>] {
        let expected = expected
        self.expected = .nothing
        switch expected {
        case .secret(let kind):
            let isOption = word.starts(with: "--".utf8) && word.count > 2
            if !isOption, kind == .secret || !SecretValues.isPath(word) { return whole(word) }
        case .userAndPassword:
            return password(in: word)
        case .shell:
            var inner = WordContext()
            return depth < Self.mostDepth ? inner.findSecrets(inShell: word, depth: depth + 1) : []
        case .nothing:
            break
        }
        var found = findOption(word)
        if word.elementsEqual("login".utf8) { isLogin = true }
        if program.isEmpty, !word.contains(UInt8(ascii: "=")) {
            program = word.lastIndex(of: UInt8(ascii: "/")).map { word[($0 + 1)...] } ?? word
        }
        if depth < Self.mostDepth, word.contains(where: Bytes.isSpace) {
            var inner = WordContext()
            found += inner.findSecrets(inShell: word, depth: depth + 1)
        }
        return found
    }

    private func whole(_ word: ArraySlice<UInt8>) -> [Range<Int>] {
        word.isEmpty ? [] : [word.startIndex..<word.endIndex]
    }

    /// What a word says of itself or of the next.
    private mutating func findOption(_ word: ArraySlice<UInt8>) -> [Range<Int>] {
        if let found = findShort(word) { return found }
        let dash = UInt8(ascii: "-")
        let name = word.drop { $0 == dash }.prefix(while: Bytes.isNamePart)
        if name.endIndex < word.endIndex {
            guard word[name.endIndex] == UInt8(ascii: "=") else { return [] }
            let value = unquoted(word[(name.endIndex + 1)...])
            if word.first == dash, isUser(name) { return password(in: value) }
            guard let kind = SecretNames.kind(of: name) else { return [] }
            return kind == .secretOrPath && SecretValues.isPath(value) ? [] : whole(value)
        }
        guard word.first == dash else { return [] }
        if isUser(name) {
            expected = .userAndPassword
        } else if let kind = SecretNames.kind(of: name) {
            expected = .secret(kind)
        } else if !word.dropFirst().contains(dash), word.count <= 6, word.last == UInt8(ascii: "c") {
            // sh -c, bash -lc
            expected = .shell
        }
        return []
    }

    private func unquoted(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let first = word.first, Bytes.isQuote(first), word.count > 1, word.last == first else {
            return word
        }
        return word.dropFirst().dropLast()
    }

    private func isUser(_ name: ArraySlice<UInt8>) -> Bool {
        ["u", "user", "U", "proxy-user", "basic"].contains { name.elementsEqual($0.utf8) }
    }

    private static let shortOptions: [(program: String, option: String, isSeparate: Bool)] = [
        ("mysql", "-p", false), ("mariadb", "-p", false), ("sshpass", "-p", true), ("redis-cli", "-a", true),
        ("docker", "-p", true), ("podman", "-p", true), ("az", "-p", true), ("ldap", "-w", true),
    ]

    /// Short options with a password: `mysql -pX`, `sshpass -p X`, `redis-cli -a X`, `docker login -p X`,
    /// `curl -ua:b`; nil for anything else.
    private mutating func findShort(_ word: ArraySlice<UInt8>) -> [Range<Int>]? {
        guard word.first == UInt8(ascii: "-") else { return nil }
        if word.count > 2, word.starts(with: "-u".utf8), program.elementsEqual("curl".utf8) {
            return password(in: word.dropFirst(2))
        }
        for entry in Self.shortOptions
        where program.starts(with: entry.program.utf8) && word.starts(with: entry.option.utf8) {
            // `docker run -p` is about ports.
            if ["docker", "podman", "az"].contains(entry.program), !isLogin { return nil }
            if word.count > 2 { return whole(word.dropFirst(2)) }
            if entry.isSeparate {
                expected = .secret(.secret)
                return []
            }
        }
        return nil
    }

    /// The part behind the first colon, unless both are numbers, as in `--user 1000:1000`.
    private func password(in word: ArraySlice<UInt8>) -> [Range<Int>] {
        guard let colon = word.firstIndex(of: UInt8(ascii: ":")) else { return [] }
        let isNumbers = word.allSatisfy { Bytes.isDigit($0) || $0 == UInt8(ascii: ":") }
        return isNumbers ? [] : whole(word[(colon + 1)...])
    }
}
