internal import Network

/// The head of a request, read strictly.
struct RequestHead: Hashable, Sendable {
    /// The method, which is what it is in upper and lower case.
    var method: [UInt8]
    /// What it is for.
    var target: RequestTarget
    /// The version.
    var version: HTTPVersion
    /// The fields.
    var fields: HTTPFields
    /// Whom the request is for: the target's authority, else that of `Host` (RFC 9112, 3.3).
    var authority: AuthorityText
    /// Where its body ends.
    var length: BodyLength

    /// Reads a head.
    init(_ lines: [ArraySlice<UInt8>]) throws(HTTPMalformation) {
        guard let first = lines.first else { throw .requestLine }
        let words = first.split(separator: .space, omittingEmptySubsequences: false)
        guard words.count == 3 else { throw .requestLine }
        // Before anything else, so that the preface of HTTP/2 is called by its name.
        version = try HTTPVersion(words[2])
        method = Array(words[0])
        guard !method.isEmpty, method.allSatisfy(\.isToken) else { throw .method }
        target = try RequestTarget(words[1], method: method)
        fields = try HTTPFields(lines: lines.dropFirst())
        authority = try Self.authority(target, fields, version)
        length = try fields.framing(version: version) ?? .none
    }

    /// `Host` is read even where the target decides: two of them, or one that is none, could still decide for somebody
    /// behind the door.
    private static func authority(
        _ target: RequestTarget, _ fields: HTTPFields, _ version: HTTPVersion
    ) throws(HTTPMalformation) -> AuthorityText {
        let hosts = fields.values(of: "host")
        guard hosts.count <= 1 else { throw .hostTwice }
        if hosts.isEmpty, version == .v11 { throw .hostMissing }
        switch target {
        case .authority(let endpoint): return AuthorityText(endpoint.host, endpoint.port)
        case .absolute(let authority, _):
            if let host = hosts.first { _ = try AuthorityText(host[...]) }
            return authority
        case .origin, .asterisk:
            guard let host = hosts.first else { throw .hostMissing }
            return try AuthorityText(host[...])
        }
    }

    /// Whether it asks for a tunnel.
    var isConnect: Bool { if case .authority = target { true } else { false } }

    /// Whether its response has no body.
    var isHead: Bool { method.elementsEqual("HEAD".utf8) }

    /// Whether it asks for a WebSocket (RFC 6455, 4.1), the one protocol that is changed to.
    var isWebSocket: Bool {
        version == .v11 && method.elementsEqual("GET".utf8) && length == .none
            && fields.members(of: "connection").contains { $0.isSame(as: "upgrade") }
            && fields.members(of: "upgrade").contains { $0.isSame(as: "websocket") }
    }

    /// Whether the client takes further responses on this connection.
    var persists: Bool {
        version == .v11 && !fields.members(of: "connection").contains { $0.isSame(as: "close") }
    }
}

extension RequestHead {
    /// The head as it is sent on: for the origin, from what was read and not from what came.
    func forwarded() throws(HTTPMalformation) -> [UInt8] {
        var head = method
        head += " ".utf8
        head += originTarget
        head += " \(version.text)\r\n".utf8
        var kept = try fields.forwarded()
        let host = HTTPField("Host".utf8, authority.text.utf8)
        if let index = kept.list.firstIndex(where: { $0.name.isSame(as: "host") }) {
            kept.list[index].value = host.value
        } else {
            kept.list.insert(host, at: 0)
        }
        kept.append(to: &head)
        if length == .chunked { head += "Transfer-Encoding: chunked\r\n".utf8 }
        if isWebSocket {
            head += "Connection: Upgrade\r\nUpgrade: websocket\r\n".utf8
        } else if version == .v11, !persists {
            head += "Connection: close\r\n".utf8
        }
        head += "\r\n".utf8
        return head
    }

    private var originTarget: [UInt8] {
        switch target {
        case .origin(let path): return path
        case .asterisk: return Array("*".utf8)
        case .authority(let endpoint): return Array("\(endpoint)".utf8)
        case .absolute(_, let path):
            if path.isEmpty { return Array((method.elementsEqual("OPTIONS".utf8) ? "*" : "/").utf8) }
            return path.first == UInt8(ascii: "/") ? path : [UInt8(ascii: "/")] + path
        }
    }
}
