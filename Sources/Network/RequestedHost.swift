public import Linux

/// What a program asks for, as a rule can be looked up for it: the one form that all doors make of what they read.
public enum RequestedHost: Hashable, Sendable, CustomStringConvertible {
    /// A host by its name.
    case name(DomainName)
    /// A host by its number.
    case address(IPAddress)

    /// Reads a host as it stands in a URL or request (RFC 3986, 3.2.2): a name, four decimal numbers, or an IPv6
    /// address in brackets.
    ///
    /// Whatever else a program might read as an address (`127.1`, `0x7f000001`, `010.0.0.1`) is nothing, and so is
    /// everything outside ASCII, with a zone, a percent sign or a NUL.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count <= Self.most else { return nil }
        let bytes = Array(bytes)
        if bytes.first == UInt8(ascii: "[") {
            guard bytes.last == UInt8(ascii: "]"),
                let address = Self.address(bytes.dropFirst().dropLast(), isVersion6: true)
            else { return nil }
            self = .address(address)
        } else if let name = DomainName(bytes) {
            self = .name(name)
        } else if let address = Self.address(bytes[...], isVersion6: false) {
            self = .address(address)
        } else {
            return nil
        }
    }

    /// Reads the domain of a SOCKS request (RFC 1928, 5): as in a URL, but a program that has only a number writes
    /// an IPv6 address there without brackets.
    public init?(socks bytes: some Collection<UInt8>) {
        if bytes.contains(UInt8(ascii: ":")), bytes.first != UInt8(ascii: "[") {
            guard bytes.count <= Self.most, let address = Self.address(Array(bytes)[...], isVersion6: true)
            else {
                return nil
            }
            self = .address(address)
        } else {
            self.init(bytes)
        }
    }

    /// A name with its final dot, which is longer than an address in brackets.
    private static let most = DomainName.most + 1

    private static func address(_ bytes: ArraySlice<UInt8>, isVersion6: Bool) -> IPAddress? {
        let hasColon = bytes.contains(UInt8(ascii: ":"))
        guard hasColon == isVersion6, bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        return IPAddress(String(decoding: bytes, as: UTF8.self))
    }

    /// The name, or the address, in brackets where it is IPv6.
    public var description: String {
        switch self {
        case .name(let name): name.text
        case .address(let address): address.version4 == nil ? "[\(address)]" : "\(address)"
        }
    }
}

/// A host and a port that a program asks for.
public struct RequestedEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// Whom.
    public var host: RequestedHost
    /// At which port.
    public var port: UInt16

    /// Joins the two.
    public init(_ host: RequestedHost, _ port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads an authority without user information (RFC 9110, 7.2). It is nil when it isn't one, with a port of 1 to
    /// 65535 in decimal digits without leading zeros.
    ///
    /// - Parameters:
    ///   - bytes: `HOST:PORT`, or `HOST` where that is enough.
    ///   - defaultPort: the port that is meant when none is written; nil where one has to be, as in CONNECT
    ///     (RFC 9110, 9.3.6).
    public init?(authority bytes: ArraySlice<UInt8>, defaultPort: UInt16? = nil) {
        // The longest host, a colon and five digits.
        guard bytes.count <= DomainName.most + 1 + 6 else { return nil }
        let end: Int
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = close + 1
        } else {
            end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        }
        guard let host = RequestedHost(bytes[..<end]) else { return nil }
        let rest = bytes[end...]
        if rest.isEmpty {
            guard let defaultPort else { return nil }
            self.init(host, defaultPort)
        } else {
            guard rest.first == UInt8(ascii: ":"), let port = Self.port(rest.dropFirst()) else { return nil }
            self.init(host, port)
        }
    }

    /// The same of a whole array.
    public init?(authority bytes: [UInt8], defaultPort: UInt16? = nil) {
        self.init(authority: bytes[...], defaultPort: defaultPort)
    }

    /// Reads a port.
    public static func port(_ digits: some Collection<UInt8>) -> UInt16? {
        guard (1...5).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return nil }
        return UInt16(exactly: digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
    }

    /// `HOST:PORT`.
    public var description: String { "\(host):\(port)" }
}
