/// Reads HTTP/1 as servers and clients have been seen to read it, in the ways by which requests were smuggled: where
/// two of these agree on what the strict reader sent on, nobody reads anything else.
struct LenientReader {
    /// What is done about what isn't clear.
    enum Temper: CaseIterable {
        /// The coding before the length, the first of two fields, lines end with LF.
        case coding
        /// The length before the coding, the last of two fields, lines end with CR or LF.
        case length
    }

    private let bytes: [UInt8]
    private let temper: Temper
    private var place = 0

    init(_ bytes: [UInt8], _ temper: Temper) {
        self.bytes = bytes
        self.temper = temper
    }

    var isAtEnd: Bool { place >= bytes.count }

    /// The next request: whom it is for, and whether its body is whole.
    mutating func request() -> (host: [UInt8], isWhole: Bool, names: [String])? {
        guard let head = head(), let target = head.first.split(separator: 0x20).dropFirst().first else {
            return nil
        }
        var host = value("host", head.fields) ?? []
        // Bytes, as servers compare them: to a String a slash with an accent behind it is none.
        let slash: UInt8 = 0x2f
        if let scheme = target.firstRange(of: "://".utf8), target.first != slash {
            host = Array(target[scheme.upperBound...].prefix { $0 != slash && $0 != 0x3f })
        }
        let isWhole = body(head.fields, untilEnd: false)
        return (host, isWhole, head.fields.map(\.name))
    }

    /// The next answer that counts; whether it is whole.
    mutating func answer(to method: String) -> Bool {
        while let head = head() {
            let words = head.first.split(separator: 0x20)
            guard words.count >= 2, let status = Int(String(decoding: words[1], as: UTF8.self)) else {
                return false
            }
            if status / 100 == 1, status != 101 { continue }
            if method == "HEAD" || status == 101 || status == 204 || status == 304 { return true }
            // Of what was no request it isn't known whether it was HEAD; nothing follows it.
            if method.isEmpty {
                place = bytes.count
                return true
            }
            return body(head.fields, untilEnd: true)
        }
        return false
    }

    private mutating func line() -> ArraySlice<UInt8>? {
        let isEnd: (UInt8) -> Bool = { [temper] in $0 == 0x0a || (temper == .length && $0 == 0x0d) }
        guard let end = bytes[min(place, bytes.count)...].firstIndex(where: isEnd) else { return nil }
        var line = bytes[place..<end]
        place = end + 1
        if bytes[end] == 0x0d, place < bytes.count, bytes[place] == 0x0a { place += 1 }
        while line.last == 0x0d { line.removeLast() }
        return line
    }

    private mutating func head() -> (first: ArraySlice<UInt8>, fields: [(name: String, value: [UInt8])])? {
        var first = line()
        while let empty = first, empty.isEmpty { first = line() }
        guard let first else { return nil }
        var fields: [(name: String, value: [UInt8])] = []
        while let line = line() {
            if line.isEmpty { return (first, fields) }
            if line.first == 0x20 || line.first == 0x09, !fields.isEmpty {
                fields[fields.count - 1].value += line
                continue
            }
            let name = line.prefix { $0 != 0x3a }
            fields.append(
                (Self.text(name).lowercased(), Array(Self.text(line[name.endIndex...].dropFirst()).utf8)))
        }
        return nil
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        var rest = bytes.drop { $0 <= 0x20 }
        while let last = rest.last, last <= 0x20 { rest.removeLast() }
        return String(decoding: rest, as: UTF8.self)
    }

    private func value(_ name: String, _ fields: [(name: String, value: [UInt8])]) -> [UInt8]? {
        let values = fields.filter { $0.name == name }.map(\.value)
        return temper == .coding ? values.first : values.last
    }

    private mutating func body(_ fields: [(name: String, value: [UInt8])], untilEnd: Bool) -> Bool {
        let coding = value("transfer-encoding", fields).map {
            String(decoding: $0, as: UTF8.self).lowercased().contains("chunked")
        }
        let length = value("content-length", fields).map { digits in
            digits.prefix { $0 >= 0x30 && $0 <= 0x39 }.prefix(18).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        if coding == true, temper == .coding || length == nil { return chunks() }
        if let length { return skip(length) }
        if untilEnd { place = bytes.count }
        return true
    }

    private mutating func skip(_ count: Int) -> Bool {
        let isWhole = bytes.count - place >= count
        place = isWhole ? place + count : bytes.count
        return isWhole
    }

    private mutating func chunks() -> Bool {
        while let line = line() {
            let digits = line.drop { $0 <= 0x20 }.prefix { Self.hexadecimal($0) != nil }.prefix(15)
            let size = digits.reduce(0) { $0 << 4 | (Self.hexadecimal($1) ?? 0) }
            if size == 0 {
                while let line = self.line() { if line.isEmpty { return true } }
                break
            }
            guard skip(size), self.line() != nil else { break }
        }
        place = bytes.count
        return false
    }

    private static func hexadecimal(_ digit: UInt8) -> Int? {
        switch digit | 0x20 {
        case 0x30...0x39: Int((digit | 0x20) - 0x30)
        case 0x61...0x66: Int((digit | 0x20) - 0x61 + 10)
        default: nil
        }
    }
}
