import Linux

/// What a connection turns out to be, where the rule leaves it open (`protocol: auto`).
enum FirstBytes: Hashable, Sendable {
    /// It can still be TLS or HTTP.
    case undecided
    /// TLS: a server name is due.
    case tls
    /// HTTP: each request is to be judged.
    case http
    /// Something else.
    case other

    /// The most bytes without an answer: a request line has to end before them.
    static let mostBytes = HeadReader.mostRequestBytes

    /// Says what a connection is that begins so.
    ///
    /// HTTP is whatever a lenient server could take for it: white space may stand before the request line, which ends
    /// with `HTTP/` and digits whatever ends the line itself. The readers that come after are strict, so what is
    /// taken for HTTP here and isn't sound is refused there, and doesn't pass unread.
    static func classify(_ bytes: ArraySlice<UInt8>) -> FirstBytes {
        guard let first = bytes.first else { return .undecided }
        if first == 0x16 {
            guard bytes.count >= 2 else { return .undecided }
            return bytes[bytes.startIndex + 1] == 3 ? .tls : .other
        }
        if first & 0x80 != 0 { return classifySSL2(bytes) }
        return classifyHTTP(bytes)
    }

    /// A hello of SSL 2, with which clients of the nineties also began TLS (RFC 5246, E.2): the two bytes of its
    /// length, the type 1, and a version.
    private static func classifySSL2(_ bytes: ArraySlice<UInt8>) -> FirstBytes {
        let hello = Array(bytes.prefix(5))
        if hello.count > 2, hello[2] != 1 { return .other }
        if hello.count > 3, hello[3] != 0, hello[3] != 3 { return .other }
        guard hello.count == 5 else { return .undecided }
        return hello[3] == 3 ? (hello[4] <= 4 ? .tls : .other) : (hello[4] == 2 ? .tls : .other)
    }

    private static func classifyHTTP(_ bytes: ArraySlice<UInt8>) -> FirstBytes {
        let line = bytes.drop { $0.isBlank || $0 == .carriageReturn || $0 == .lineFeed }
        guard !line.isEmpty else { return bytes.count < mostBytes ? .undecided : .other }
        let method = line.prefix { $0.isToken }
        guard !method.isEmpty else { return .other }
        let rest = line[method.endIndex...]
        if let next = rest.first, !next.isBlank { return .other }
        if let end = rest.firstIndex(where: { $0 == .lineFeed || $0 == .carriageReturn || $0 == 0 }) {
            return endsInVersion(rest[..<end]) ? .http : .other
        }
        return bytes.count < mostBytes ? .undecided : .http
    }

    /// ` HTTP/1.1`, in any case and with white space behind it.
    private static func endsInVersion(_ line: ArraySlice<UInt8>) -> Bool {
        guard let word = line.split(whereSeparator: { $0.isBlank }).last else { return false }
        return word.count > 5 && word.prefix(5).elementsEqual("http/".utf8) { $0.lowered == $1 }
    }
}
