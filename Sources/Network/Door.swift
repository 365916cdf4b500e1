/// The way by which a program asked for the network.
public enum Door: UInt8, Sendable, CaseIterable {
    /// A name was looked up.
    case dns = 1
    /// CONNECT or a request, at the explicit proxy.
    case proxy
    /// SOCKS, at the explicit proxy.
    case socks
    /// A connection to an address, as a program makes it that knows of no proxy.
    case transparent
    /// A connection to a port of the sandbox's own loopback that leads to the host's.
    case loopback
    /// A packet to where nobody listens; refused by the kernel.
    case packet

    /// The word of the records (`unmapped.mews.door`).
    public var word: String {
        switch self {
        case .dns: "dns"
        case .proxy: "proxy"
        case .socks: "socks"
        case .transparent: "transparent"
        case .loopback: "loopback"
        case .packet: "packet"
        }
    }
}
