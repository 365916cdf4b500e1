import Linux

/// A field of a head.
struct HTTPField: Hashable, Sendable {
    /// The name, as it was written.
    var name: [UInt8]
    /// The value, without white space at its ends.
    var value: [UInt8]

    /// Joins the two.
    init(_ name: some Sequence<UInt8>, _ value: some Sequence<UInt8>) {
        self.name = Array(name)
        self.value = Array(value)
    }
}

/// The fields of a head, in their order.
struct HTTPFields: Hashable, Sendable {
    /// The fields.
    var list: [HTTPField] = []

    /// No fields.
    init() {}

    /// Reads the lines that follow the first.
    init(lines: some Collection<ArraySlice<UInt8>>) throws(HTTPMalformation) {
        list.reserveCapacity(lines.count)
        for line in lines {
            guard let first = line.first, !first.isBlank else { throw .foldedField }
            let name = line.prefix { $0.isToken }
            let rest = line[name.endIndex...]
            if let next = rest.first, next.isBlank { throw .whiteSpaceBeforeColon }
            guard !name.isEmpty, rest.first == .colon else { throw .fieldName }
            list.append(HTTPField(name, rest.dropFirst().trimmed))
        }
    }

    /// The values of all fields of a name, in lower case.
    func values(of name: StaticString) -> [[UInt8]] {
        list.filter { $0.name.isSame(as: name) }.map(\.value)
    }

    /// The members of a field that is a list (RFC 9110, 5.6.1), in lower case.
    func members(of name: StaticString) -> [[UInt8]] {
        values(of: name).flatMap { value in
            value.split(separator: UInt8(ascii: ",")).map { $0.trimmed.map(\.lowered) }.filter { !$0.isEmpty }
        }
    }

    /// Adds the fields to a head, a line each.
    func append(to head: inout [UInt8]) {
        for field in list {
            head += field.name
            head += ": ".utf8
            head += field.value
            head += "\r\n".utf8
        }
    }
}

extension HTTPFields {
    /// How the message is framed, by its own fields (RFC 9112, 6.3); nil when they don't say.
    func framing(version: HTTPVersion) throws(HTTPMalformation) -> BodyLength? {
        let lengths = values(of: "content-length")
        let codings = values(of: "transfer-encoding")
        if !codings.isEmpty {
            guard lengths.isEmpty else { throw .lengthAndCoding }
            guard version == .v11 else { throw .codingInOldVersion }
            guard codings.count == 1, codings[0].isSame(as: "chunked") else { throw .coding }
            return .chunked
        }
        guard let length = lengths.first else { return nil }
        guard lengths.count == 1 else { throw .lengthTwice }
        // Nineteen digits are never too many for 64 bits.
        guard (1...19).contains(length.count), length.allSatisfy(\.isDigit) else { throw .length }
        return .bytes(length.reduce(0) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) })
    }

    /// Leaves out what concerns this connection alone (RFC 9110, 7.6.1), what a proxy is told, what others claim to
    /// have been told by a proxy, and what only Mews says.
    ///
    /// - Returns: what is sent on. `Content-Length` stays, and so does `Host`; `Transfer-Encoding` and `Connection`
    ///   are for the writer to say anew.
    func forwarded() throws(HTTPMalformation) -> HTTPFields {
        let listed = try ofConnection()
        var kept = HTTPFields()
        kept.list = list.filter { field in
            let name = field.name.map(\.lowered)
            return !Self.isOfOneConnection(name) && !listed.contains(name)
        }
        return kept
    }

    /// The names that `Connection` lists.
    ///
    /// - Throws: `connectionField` when it lists one that others have to see.
    func ofConnection() throws(HTTPMalformation) -> [[UInt8]] {
        let listed = members(of: "connection")
        for name in listed
        where name.isSame(as: "host") || name.isSame(as: "content-length")
            || name.isSame(as: "transfer-encoding")
        {
            throw .connectionField
        }
        return listed
    }

    private static func isOfOneConnection(_ name: [UInt8]) -> Bool {
        switch name.count {
        case 2 where name.isSame(as: "te"), 3 where name.isSame(as: "via"): true
        case 7 where name.isSame(as: "upgrade"): true
        case 9 where name.isSame(as: "forwarded"): true
        case 10 where name.isSame(as: "connection") || name.isSame(as: "keep-alive"): true
        case 14 where name.isSame(as: "http2-settings"): true
        case 17 where name.isSame(as: "transfer-encoding"): true
        default:
            name.starts(with: "proxy-".utf8) || name.starts(with: "x-forwarded-".utf8)
                || name.starts(with: "x-mews-".utf8)
        }
    }
}

/// The versions of HTTP that have lines.
enum HTTPVersion: UInt8, Comparable, Sendable {
    case v10 = 0
    case v11 = 1

    /// Reads `HTTP/1.0` or `HTTP/1.1`.
    init(_ text: some Collection<UInt8>) throws(HTTPMalformation) {
        if text.elementsEqual("HTTP/1.1".utf8) {
            self = .v11
        } else if text.elementsEqual("HTTP/1.0".utf8) {
            self = .v10
        } else {
            throw text.starts(with: "HTTP/2".utf8) ? .http2 : .version
        }
    }

    /// As it is written.
    var text: String { self == .v11 ? "HTTP/1.1" : "HTTP/1.0" }

    static func < (one: HTTPVersion, other: HTTPVersion) -> Bool { one.rawValue < other.rawValue }
}
