public import Linux

/// What a frame of the packet observer says: somebody in the sandbox sent something to where nobody listens.
///
/// The kernel answers a connection with a reset and a datagram with an ICMP error that quotes it. (A datagram to a group
/// or to all gets no answer, and goes nowhere.) The bytes were sent inside, so each is looked for before it is read.
public struct RefusedPacket: Hashable, Sendable {
    /// Whether it was a datagram of UDP rather than a TCP connection.
    public let isDatagram: Bool
    /// From where; an end inside.
    public let client: SocketEndpoint
    /// Where to.
    public let destination: SocketEndpoint

    /// Reads a frame from its IP header on, perhaps cut at ``Linux/PacketObserver/snapLength``; nil for what isn't
    /// such an answer whole enough to tell both ends, and for a destination in the sandbox's own loopback.
    public init?(frame: [UInt8]) {
        guard let packet = Self(frame[...]), !packet.destination.address.isLoopback else { return nil }
        self = packet
    }

    private init(isDatagram: Bool, client: SocketEndpoint, destination: SocketEndpoint) {
        self.isDatagram = isDatagram
        self.client = client
        self.destination = destination
    }

    private init?(_ frame: ArraySlice<UInt8>) {
        guard let packet = InternetPacket(frame) else { return nil }
        switch (packet.version, packet.protocolNumber) {
        case (_, InternetPacket.tcp):
            guard packet.isRefusal, let ends = packet.ends else { return nil }
            self.init(isDatagram: false, client: ends.destination, destination: ends.source)
        case (4, InternetPacket.icmp), (6, InternetPacket.icmp6):
            guard packet.saysPortUnreachable, let quoted = InternetPacket(packet.payload.dropFirst(8)),
                quoted.version == packet.version, quoted.protocolNumber == InternetPacket.udp,
                let ends = quoted.ends
            else { return nil }
            self.init(isDatagram: true, client: ends.source, destination: ends.destination)
        default: return nil
        }
    }
}

/// As much of an IP packet as a refusal takes (RFC 791, RFC 8200): without extension headers, which nobody without
/// privileges can send, and without the later fragments.
private struct InternetPacket {
    let version: UInt8
    let protocolNumber: UInt8
    /// What follows the header.
    let payload: ArraySlice<UInt8>
    private let source: IPAddress
    private let destination: IPAddress

    static let icmp: UInt8 = 1
    static let tcp: UInt8 = 6
    static let udp: UInt8 = 17
    static let icmp6: UInt8 = 58

    init?(_ bytes: ArraySlice<UInt8>) {
        guard let first = bytes.first else { return nil }
        version = first >> 4
        let header = bytes.prefix(version == 4 ? Int(first & 0xf) * 4 : 40)
        func part(_ offset: Int, _ count: Int) -> ArraySlice<UInt8> { header.dropFirst(offset).prefix(count) }
        let addresses: (source: IPAddress?, destination: IPAddress?)
        switch version {
        case 4:
            let fragmentOffset = part(6, 2).reduce(UInt16(0)) { $0 << 8 | UInt16($1) } & 0x1fff
            guard header.count >= 20, header.count == Int(first & 0xf) * 4, fragmentOffset == 0,
                let number = part(9, 1).first
            else { return nil }
            protocolNumber = number
            addresses = (IPAddress(bytes: part(12, 4)), IPAddress(bytes: part(16, 4)))
        case 6:
            guard header.count == 40, let number = part(6, 1).first else { return nil }
            protocolNumber = number
            addresses = (IPAddress(bytes: part(8, 16)), IPAddress(bytes: part(24, 16)))
        default: return nil
        }
        guard let source = addresses.source, let destination = addresses.destination else { return nil }
        self.source = source
        self.destination = destination
        payload = bytes.dropFirst(header.count)
    }

    /// Of TCP and UDP; nil when the ports were cut off.
    var ends: (source: SocketEndpoint, destination: SocketEndpoint)? {
        guard let from = number(at: 0), let to = number(at: 2) else { return nil }
        return (SocketEndpoint(source, from), SocketEndpoint(destination, to))
    }

    /// A reset that answers a SYN (RFC 9293, 3.10.7.1): of FIN, SYN, RST and ACK the last two, and sequence number 0.
    var isRefusal: Bool {
        number(at: 4) == 0 && number(at: 6) == 0 && number(at: 12).map { $0 & 0x17 } == 0x14
    }

    /// RFC 792 and RFC 4443, 3.1.
    var saysPortUnreachable: Bool { number(at: 0) == (version == 4 ? 0x0303 : 0x0104) }

    private func number(at offset: Int) -> UInt16? {
        let bytes = payload.dropFirst(offset).prefix(2)
        guard bytes.count == 2 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt16($1) }
    }
}
