internal import Network

/// What a request is for (RFC 9112, 3.2).
enum RequestTarget: Hashable, Sendable {
    /// A path, for the host of the `Host` field.
    case origin([UInt8])
    /// A URL of http; the path is empty where the URL has none.
    case absolute(AuthorityText, path: [UInt8])
    /// The host and port of CONNECT.
    case authority(RequestedEndpoint)
    /// The server as a whole, for OPTIONS.
    case asterisk

    /// Reads the target of a method.
    init(_ text: ArraySlice<UInt8>, method: [UInt8]) throws(HTTPMalformation) {
        // `#` never stands in a target: what one reader takes for a fragment is the host to another.
        guard let first = text.first, text.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "#") })
        else { throw .target }
        if method.elementsEqual("CONNECT".utf8) {
            guard let endpoint = RequestedEndpoint(authority: text) else { throw .connectPort }
            self = .authority(endpoint)
        } else if first == UInt8(ascii: "/") {
            self = .origin(Array(text))
        } else if text.elementsEqual("*".utf8) {
            guard method.elementsEqual("OPTIONS".utf8) else { throw .target }
            self = .asterisk
        } else {
            self = try Self.absolute(text)
        }
    }

    private static func absolute(_ text: ArraySlice<UInt8>) throws(HTTPMalformation) -> RequestTarget {
        guard let colon = text.firstIndex(of: .colon), text[colon...].starts(with: "://".utf8),
            text[..<colon].allSatisfy({ $0.isToken })
        else { throw .target }
        guard text[..<colon].isSame(as: "http") else { throw .scheme }
        let rest = text[(colon + 3)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        // User information, `\`, `%` and everything else that URL readers differ about isn't of a host.
        return .absolute(try AuthorityText(rest[..<end]), path: Array(rest[end...]))
    }
}

/// A host as it stands in a URL or a `Host` field, perhaps with a port.
struct AuthorityText: Hashable, Sendable {
    /// The host in its canonical form.
    let host: RequestedHost
    /// The port, if one is written.
    let port: UInt16?

    /// Reads one.
    init(_ bytes: ArraySlice<UInt8>) throws(HTTPMalformation) {
        // The port is written if the text is none without a default.
        if let endpoint = RequestedEndpoint(authority: bytes) {
            host = endpoint.host
            port = endpoint.port
        } else if let endpoint = RequestedEndpoint(authority: bytes, defaultPort: 80) {
            host = endpoint.host
            port = nil
        } else {
            throw .host
        }
    }

    /// Takes a host and a port.
    init(_ host: RequestedHost, _ port: UInt16?) {
        self.host = host
        self.port = port
    }

    /// The canonical writing.
    var text: String { port.map { "\(host):\($0)" } ?? "\(host)" }
}
