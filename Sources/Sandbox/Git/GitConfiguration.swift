import Linux

/// Reads a repository's configuration (git-config(1), "CONFIGURATION FILE") from bytes that anybody may have
/// written. Files that it includes are not read.
struct GitConfiguration {
    /// Bytes that git would refuse as well.
    struct Malformed: Error {}

    /// One `key = value`.
    struct Setting {
        let section: [UInt8]
        let subsection: [UInt8]
        let key: [UInt8]
        /// nil for a key without `=`, which means true.
        let value: [UInt8]?
    }

    private(set) var settings: [Setting] = []
    private let bytes: [UInt8]
    private var position = 0

    /// Reads all of it.
    init(_ bytes: [UInt8]) throws(Malformed) {
        self.bytes = bytes
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        var section: [UInt8] = []
        var subsection: [UInt8] = []
        while let byte = peek {
            if Self.isSpace(byte) {
                position += 1
            } else if Self.startsComment(byte) {
                skipLine()
            } else if byte == UInt8(ascii: "[") {
                (section, subsection) = try readHeader()
            } else {
                try readSetting(section, subsection)
            }
        }
    }

    /// The last value of a key; empty for a key without value.
    func value(_ section: String, _ key: String) -> [UInt8]? {
        let found = settings.last {
            $0.section.elementsEqual(section.utf8) && $0.subsection.isEmpty
                && $0.key.elementsEqual(key.utf8)
        }
        return found.map { $0.value ?? [] }
    }

    /// Whether a key says no; a key that is absent or says anything else doesn't.
    func isFalse(_ section: String, _ key: String) -> Bool {
        guard
            let setting = settings.last(where: {
                $0.section.elementsEqual(section.utf8) && $0.subsection.isEmpty
                    && $0.key.elementsEqual(key.utf8)
            }), let value = setting.value
        else { return false }
        let word = String(decoding: value.map(\.lowered), as: UTF8.self)
        return ["false", "no", "off", "0", ""].contains(word)
    }

    /// The first address of the remote `origin`, else of the first remote that has one.
    var remote: [UInt8]? {
        let addresses = settings.filter {
            $0.section.elementsEqual("remote".utf8) && $0.key.elementsEqual("url".utf8)
        }
        let origin = addresses.first { $0.subsection.elementsEqual("origin".utf8) }
        return (origin ?? addresses.first)?.value
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipLine() {
        while let byte = peek, byte != UInt8(ascii: "\n") { position += 1 }
    }

    /// `[section]`, `[section "subsection"]`, or the old `[section.subsection]`.
    private mutating func readHeader() throws(Malformed) -> (section: [UInt8], subsection: [UInt8]) {
        position += 1
        var name: [UInt8] = []
        while let byte = peek, Self.isNameByte(byte) || byte == UInt8(ascii: ".") {
            name.append(byte.lowered)
            position += 1
        }
        var subsection: [UInt8] = []
        if let dot = name.firstIndex(of: UInt8(ascii: ".")) {
            subsection = Array(name[(dot + 1)...])
            name = Array(name[..<dot])
        }
        skipBlanks()
        if peek == UInt8(ascii: "\"") { subsection = try readQuotedName() }
        guard peek == UInt8(ascii: "]"), !name.isEmpty else { throw Malformed() }
        position += 1
        return (name, subsection)
    }

    private mutating func readQuotedName() throws(Malformed) -> [UInt8] {
        var name: [UInt8] = []
        position += 1
        while var byte = peek, byte != UInt8(ascii: "\"") {
            position += 1
            if byte == UInt8(ascii: "\\"), let escaped = peek {
                byte = escaped
                position += 1
            }
            guard byte != UInt8(ascii: "\n") else { throw Malformed() }
            name.append(byte)
        }
        position += 1
        return name
    }

    private mutating func readSetting(_ section: [UInt8], _ subsection: [UInt8]) throws(Malformed) {
        var key: [UInt8] = []
        while let byte = peek, Self.isNameByte(byte) {
            key.append(byte.lowered)
            position += 1
        }
        guard !key.isEmpty, !section.isEmpty else { throw Malformed() }
        skipBlanks()
        var value: [UInt8]?
        if peek == UInt8(ascii: "=") {
            position += 1
            value = try readValue()
        } else if let byte = peek, byte != UInt8(ascii: "\n") {
            guard Self.startsComment(byte) || byte == UInt8(ascii: "\r") else { throw Malformed() }
            skipLine()
        }
        settings.append(Setting(section: section, subsection: subsection, key: key, value: value))
    }

    /// A value to the end of its line, which a backslash continues; space around it and comments go.
    private mutating func readValue() throws(Malformed) -> [UInt8] {
        skipBlanks()
        var value: [UInt8] = []
        // How much of it must stay when space at the end goes.
        var kept = 0
        var isQuoted = false
        while let byte = peek, byte != UInt8(ascii: "\n") {
            position += 1
            if byte == UInt8(ascii: "\\") {
                guard let escaped = try readEscape() else { continue }
                value.append(escaped)
                kept = value.count
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
                kept = value.count
            } else if !isQuoted, Self.startsComment(byte) {
                skipLine()
            } else {
                value.append(byte)
                if isQuoted || !Self.isSpace(byte) { kept = value.count }
            }
        }
        guard !isQuoted else { throw Malformed() }
        return Array(value[..<kept])
    }

    /// What a backslash stands for; nil where it continues the line.
    private mutating func readEscape() throws(Malformed) -> UInt8? {
        if peek == UInt8(ascii: "\r") { position += 1 }
        guard let byte = peek else { throw Malformed() }
        position += 1
        switch byte {
        case UInt8(ascii: "\n"): return nil
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        case UInt8(ascii: "b"): return 8
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): return byte
        default: throw Malformed()
        }
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (9...13).contains(byte)
    }

    private static func startsComment(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        let low = byte.lowered
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(low)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
    }
}
