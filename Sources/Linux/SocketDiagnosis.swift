/// Tells by its two ends which socket of a network namespace it is (sock_diag(7)).
public enum SocketDiagnosis {
    /// The inode of the socket of a program, by which /proc/PID/fd names it.
    ///
    /// - Parameters:
    ///   - diagnosis: a socket of the family NETLINK_SOCK_DIAG that was made in that namespace and doesn't wait.
    ///   - local: the socket's own end.
    ///   - remote: where it is connected to, or sends to.
    ///   - isDatagram: whether it is UDP.
    /// - Returns: nil when there is no such socket, or when it belongs to no process any more.
    public static func inode(
        _ diagnosis: Int32, local: SocketEndpoint, remote: SocketEndpoint, isDatagram: Bool
    ) -> UInt32? {
        let families: [UInt8] =
            local.address.version4 != nil && remote.address.version4 != nil ? [2, 10] : [10]
        for family in families {
            // What UDP answers is the socket that would get a datagram, which is asked for from the other side.
            let request = request(
                family, isDatagram ? 17 : 6, source: isDatagram ? remote : local,
                destination: isDatagram ? local : remote)
            // The kernel answers while it takes the question; what is left of an older one isn't meant.
            guard (try? Files.write(diagnosis, request[...])) == request.count,
                let answer = try? Files.read(diagnosis, atMost: 4096), let inode = inode(in: answer)
            else { continue }
            return inode
        }
        return nil
    }

    /// struct nlmsghdr with struct inet_diag_req_v2.
    private static func request(
        _ family: UInt8, _ number: UInt8, source: SocketEndpoint, destination: SocketEndpoint
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(72)
        // 72 bytes, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST.
        bytes += [72, 0, 0, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        // In any state.
        bytes += [family, number, 0, 0, 0xff, 0xff, 0xff, 0xff]
        for end in [source, destination] {
            bytes.append(UInt8(end.port >> 8))
            bytes.append(UInt8(truncatingIfNeeded: end.port))
        }
        for end in [source, destination] { add(end.address, family, to: &bytes) }
        // Whatever the interface and the socket's cookie are.
        bytes += [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        return bytes
    }

    /// Sixteen bytes, of which IPv4 has the first four.
    private static func add(_ address: IPAddress, _ family: UInt8, to bytes: inout [UInt8]) {
        let halves = family == 2 ? [address.low << 32, 0] : [address.high, address.low]
        for half in halves {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: half >> UInt64(shift)))
            }
        }
    }

    /// The inode in struct inet_diag_msg behind its header; nil in anything else, such as an error.
    static func inode(in answer: [UInt8]) -> UInt32? {
        guard answer.count >= 88, answer[4] == 20, answer[5] == 0 else { return nil }
        let inode = (0..<4).reduce(UInt32(0)) { $0 | UInt32(answer[84 + $1]) << UInt32($1 * 8) }
        return inode == 0 ? nil : inode
    }
}
