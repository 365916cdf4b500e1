/// One end of a connection or datagram.
public struct SocketEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// Where.
    public var address: IPAddress
    /// Which port.
    public var port: UInt16

    /// Joins the two.
    public init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    /// `10.0.0.1:443` or `[fd00::1]:443`.
    public var description: String {
        address.version4 == nil ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
