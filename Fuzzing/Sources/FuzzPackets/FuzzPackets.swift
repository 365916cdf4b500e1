internal import Fuzzer
@testable internal import Linux
internal import Supervisor

/// What the kernel hands out of the sandbox's network: frames whose bytes were sent inside, and what it says
/// of sockets.
@main
enum FuzzPackets {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            FuzzPackets.checkFrame(bytes)
            FuzzPackets.checkFrame(FuzzPackets.framed(bytes))
            FuzzPackets.checkDiagnosis(bytes)
            return 0
        }
    }

    /// A second reader finds the same two ends; what follows the frame doesn't matter, and cut off it says
    /// the same or nothing.
    private static func checkFrame(_ frame: [UInt8]) {
        let packet = RefusedPacket(frame: frame)
        let plain = PlainFrame.refusal(in: frame)
        Fuzzer.check(
            packet?.client == plain?.client && packet?.destination == plain?.destination
                && packet?.isDatagram == plain?.isDatagram,
            "\(String(describing: packet)) isn't \(String(describing: plain))")
        guard let packet else { return }
        Fuzzer.check(!packet.destination.address.isLoopback, "nobody was refused on the loopback")
        Fuzzer.check(RefusedPacket(frame: frame + [7]) == packet, "what follows is read")
        for length in 0..<min(frame.count, 128) {
            let cut = RefusedPacket(frame: Array(frame[..<length]))
            Fuzzer.check(cut == nil || cut == packet, "cut to \(length) bytes it says something else")
        }
    }

    /// The input as what varies in an answer of the kernel: made-up bytes hardly ever hit what decides.
    private static func framed(_ bytes: [UInt8]) -> [UInt8] {
        guard let choice = bytes.first else { return [] }
        let rest = Array(bytes.dropFirst())
        func field(_ offset: Int, _ count: Int) -> [UInt8] {
            (offset..<(offset + count)).map { $0 < rest.count ? rest[$0] : 9 }
        }
        func header(_ number: UInt8, from: [UInt8], to: [UInt8]) -> [UInt8] {
            from.count == 4
                ? [0x45, 0, 0, 0, 0, 0, choice & 0x40, 0, 64, number, 0, 0] + from + to
                : [0x60, 0, 0, 0, 0, 0, number, 64] + from + to
        }
        let size = choice & 1 == 0 ? 4 : 16
        let (here, there) = (field(0, size), field(size, size))
        let ports = field(2 * size, 4)
        if choice & 2 == 0 {
            let segment = ports + [0, 0, 0, choice >> 7, 0, 0, 0, 1, 0x50, 0x14 ^ (choice & 8), 0, 0]
            return header(6, from: there, to: here) + segment
        }
        let quoted = header(17, from: here, to: there) + ports + [0, 8, 0, 0]
        let code: [UInt8] = size == 4 ? [3, 3] : [1, 4]
        let number: UInt8 = size == 4 ? 1 : 58
        return header(number, from: there, to: here) + code + [0, 0, 0, 0, 0, choice >> 7]
            + (choice & 4 == 0 ? quoted : rest)
    }

    /// The number of a socket stands where the kernel's structure has it; an error has none.
    private static func checkDiagnosis(_ bytes: [UInt8]) {
        let header: [UInt8] = [88, 0, 0, 0, 20, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
        for answer in [bytes, header + bytes] {
            guard let inode = SocketDiagnosis.inode(in: answer) else { continue }
            Fuzzer.check(inode != 0, "a socket without a number")
            Fuzzer.check(answer[4] == 20 && answer[5] == 0, "read from something else")
            let found = answer[84...87].reversed().reduce(0) { $0 << 8 | UInt32($1) }
            Fuzzer.check(inode == found, "\(inode) isn't \(found)")
            Fuzzer.check(SocketDiagnosis.inode(in: Array(answer[..<84])) == nil, "read beyond the end")
            Fuzzer.check(SocketDiagnosis.inode(in: answer + [1]) == inode, "what follows is read")
        }
    }
}
