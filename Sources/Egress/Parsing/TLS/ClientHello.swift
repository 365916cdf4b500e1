internal import Network

/// What a program's first TLS message says before anything is encrypted (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2).
struct ClientHello: Hashable, Sendable {
    /// The host name of `server_name` (RFC 6066, 3) as it stands there; nil without the extension.
    var serverName: [UInt8]?
    /// Whether there is an `encrypted_client_hello` (RFC 9849). Clients also send a made-up one to any server, which
    /// can't be told apart; then as ever the name outside is the one that the connection is held to.
    var hasEncryptedHello = false
    /// The protocols of `application_layer_protocol_negotiation` (RFC 7301), in the client's order.
    var protocols: [[UInt8]] = []

    /// The server name in its canonical form; nil when there is none, or it isn't a name: an address, something with
    /// a NUL, ...
    var name: DomainName? { serverName.flatMap { DomainName($0) } }
}

extension ClientHello {
    /// Reads the body of a handshake message, without its type and length.
    ///
    /// - Returns: nil when it isn't whole, has a rest, or says something twice: what two readers could take for two
    ///   different names is no hello.
    init?(message: ArraySlice<UInt8>) {
        var reader = TLSReader(message)
        guard let version = reader.number(bytes: 2), version >> 8 == 3,
            reader.take(32) != nil, let session = reader.vector(lengthBytes: 1), session.count <= 32,
            let suites = reader.vector(lengthBytes: 2), suites.count >= 2, suites.count % 2 == 0,
            let compressions = reader.vector(lengthBytes: 1), !compressions.isEmpty
        else { return nil }
        // Hellos of before RFC 3546 end here.
        if reader.isAtEnd { return }
        guard let extensions = reader.vector(lengthBytes: 2), reader.isAtEnd else { return nil }
        guard read(extensions: extensions) else { return nil }
    }

    private mutating func read(extensions: ArraySlice<UInt8>) -> Bool {
        var reader = TLSReader(extensions)
        var seen: Set<Int> = []
        while !reader.isAtEnd {
            guard let type = reader.number(bytes: 2), let data = reader.vector(lengthBytes: 2),
                seen.insert(type).inserted
            else { return false }
            switch type {
            case 0:
                guard let name = Self.serverName(data) else { return false }
                serverName = name
            case 16:
                guard let list = Self.protocols(data) else { return false }
                protocols = list
            case 0xfe0d:
                hasEncryptedHello = true
            default: break
            }
        }
        return true
    }

    /// One host name and nothing besides: there is one kind of name, and of each kind there may be one.
    private static func serverName(_ data: ArraySlice<UInt8>) -> [UInt8]? {
        var reader = TLSReader(data)
        guard let list = reader.vector(lengthBytes: 2), reader.isAtEnd else { return nil }
        var names = TLSReader(list)
        guard names.number(bytes: 1) == 0, let name = names.vector(lengthBytes: 2), !name.isEmpty,
            names.isAtEnd
        else { return nil }
        return Array(name)
    }

    private static func protocols(_ data: ArraySlice<UInt8>) -> [[UInt8]]? {
        var reader = TLSReader(data)
        guard let list = reader.vector(lengthBytes: 2), !list.isEmpty, reader.isAtEnd else { return nil }
        var names = TLSReader(list)
        var protocols: [[UInt8]] = []
        while !names.isAtEnd {
            guard let name = names.vector(lengthBytes: 1), !name.isEmpty else { return nil }
            protocols.append(Array(name))
        }
        return protocols
    }
}

/// Reads TLS's numbers and vectors (RFC 8446, 3). Past the end there is nothing.
private struct TLSReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func number(bytes count: Int) -> Int? {
        take(count).map { $0.reduce(0) { $0 << 8 | Int($1) } }
    }

    /// A text with its length before it.
    mutating func vector(lengthBytes: Int) -> ArraySlice<UInt8>? {
        number(bytes: lengthBytes).flatMap { take($0) }
    }
}
