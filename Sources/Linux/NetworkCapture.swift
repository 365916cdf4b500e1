internal import CLinux

/// Makes a network namespace of one's own in which every address is here (rtnetlink(7), ip-route(8)).
///
/// An empty namespace has no network, so whatever is connected to fails without a word of what it was. After this
/// everything that a program inside connects to arrives at a socket of the same namespace, or is refused at once
/// where nobody listens. CAP_NET_ADMIN in the namespace is needed.
public enum NetworkCapture {
    /// Brings lo up and makes it the place of every IPv4 and IPv6 address:
    ///
    ///     ip link set lo up
    ///     ip route add local 0.0.0.0/0 dev lo src 127.0.0.1 table local
    ///     ip -6 route add local ::/0 dev lo table local
    ///
    /// IPv4 connections come from 127.0.0.1 rather than from the address that they go to: a port that is the
    /// destination's by chance would connect to itself. A kernel without IPv6, or one where it is disabled, has no
    /// way to such an address anyway.
    ///
    /// - Throws: what the kernel answers, `protocolError` when it answers nothing that makes sense.
    public static func capture() throws(Errno) {
        let requests = [raise(sequence: 1), route(sequence: 2, .version4), route(sequence: 3, .version6)]
        let socket = try open(protocol: 0)
        // One call for all three: the kernel does them before it returns, and the answers wait.
        try Sockets.send(requests.flatMap { $0 }, to: socket.number)
        var answers = [Errno?](repeating: .protocolError, count: requests.count)
        var count = 0
        while count < requests.count {
            let bytes = try Sockets.receive(from: socket.number, atMost: 8192, waiting: false).bytes
            guard !bytes.isEmpty else { throw .protocolError }
            for answer in acknowledgements(in: bytes) where answers.indices.contains(answer.sequence - 1) {
                answers[answer.sequence - 1] = answer.errno
                count += 1
            }
        }
        if let errno = answers[0] ?? answers[1] { throw errno }
        if let errno = answers[2], !isWithoutVersion6(errno) { throw errno }
    }

    /// A socket that tells of this namespace's connections whose they are (sock_diag(7)).
    public static func makeDiagnosis() throws(Errno) -> FileDescriptor {
        let socketDiagnosis: Int32 = 4
        return try open(protocol: socketDiagnosis)
    }

    private static func open(protocol number: Int32) throws(Errno) -> FileDescriptor {
        let netlink: Int32 = 16
        let raw: Int32 = 3
        return FileDescriptor(owning: try check(mews_socket(netlink, raw, number)))
    }

    /// Without IPv6 the kernel has nobody for the message (EOPNOTSUPP, EAFNOSUPPORT); where it is disabled, lo
    /// can't have such a route (EACCES, before Linux 6.5 EINVAL or ENODEV by how far it came).
    private static func isWithoutVersion6(_ errno: Errno) -> Bool {
        [.notSupported, .addressFamilyNotSupported, .accessDenied, .invalidArgument, .noDevice].contains(
            errno)
    }
}

extension NetworkCapture {
    private enum Family: UInt8 {
        case version4 = 2
        case version6 = 10
    }

    private static let loopbackIndex: Int32 = 1

    /// RTM_NEWLINK.
    private static func raise(sequence: UInt32) -> [UInt8] {
        let newLink: UInt16 = 16
        let isUp: UInt32 = 1
        // struct ifinfomsg: family and padding, type, index, flags, mask of flags.
        let body = bytes(0 as UInt32) + bytes(loopbackIndex) + bytes(isUp) + bytes(isUp)
        return message(newLink, flags: 0, sequence: sequence, body)
    }

    /// RTM_NEWROUTE.
    private static func route(sequence: UInt32, _ family: Family) -> [UInt8] {
        let newRoute: UInt16 = 24
        let localTable: UInt8 = 255
        let administrator: UInt8 = 4
        let host: UInt8 = 254
        let local: UInt8 = 2
        // struct rtmsg: family, lengths of destination and source, type of service, table, protocol, scope, type,
        // flags.
        var body = [family.rawValue, 0, 0, 0, localTable, administrator, host, local] + bytes(0 as UInt32)
        let outgoingInterface: UInt16 = 4
        let preferredSource: UInt16 = 7
        body += attribute(outgoingInterface, bytes(loopbackIndex))
        if family == .version4 { body += attribute(preferredSource, [127, 0, 0, 1]) }
        let exclusive: UInt16 = 0x200
        let create: UInt16 = 0x400
        return message(newRoute, flags: exclusive | create, sequence: sequence, body)
    }

    /// A message that is acknowledged (netlink(7)).
    private static func message(_ type: UInt16, flags: UInt16, sequence: UInt32, _ body: [UInt8]) -> [UInt8] {
        let request: UInt16 = 0x01
        let acknowledge: UInt16 = 0x04
        return bytes(UInt32(headerSize + body.count)) + bytes(type) + bytes(request | acknowledge | flags)
            + bytes(sequence) + bytes(0 as UInt32) + body
    }

    private static func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
        bytes(UInt16(4 + value.count)) + bytes(type) + value
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        unsafe withUnsafeBytes(of: number) { unsafe Array($0) }
    }

    private static let headerSize = 16

    /// The acknowledgements in a packet of the kernel: whose they are, and nil for success.
    private static func acknowledgements(in packet: [UInt8]) -> [(sequence: Int, errno: Errno?)] {
        var found: [(sequence: Int, errno: Errno?)] = []
        var start = 0
        while start + headerSize + 4 <= packet.count {
            let length = Int(number(in: packet, at: start))
            let type = number(in: packet, at: start + 4) & 0xffff
            guard length >= headerSize + 4, length <= packet.count - start else { break }
            let error: UInt32 = 2
            if type == error {
                let code = Int32(bitPattern: number(in: packet, at: start + headerSize))
                found.append(
                    (Int(number(in: packet, at: start + 8)), code == 0 ? nil : Errno(0 &- code)))
            }
            start += (length + 3) & ~3
        }
        return found
    }

    private static func number(in bytes: [UInt8], at offset: Int) -> UInt32 {
        var number: UInt32 = 0
        unsafe withUnsafeMutableBytes(of: &number) { target in
            unsafe target.copyBytes(from: bytes[offset..<(offset + 4)])
        }
        return number
    }
}
