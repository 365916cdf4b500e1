internal import Linux

/// The answer of a kernel to what nobody takes, by offsets from the start of the frame, as the RFCs draw it.
struct PlainFrame {
    let isDatagram: Bool
    let client: SocketEndpoint
    let destination: SocketEndpoint

    /// Nil for any other frame, and for one about the loopback.
    static func refusal(in frame: [UInt8]) -> PlainFrame? {
        guard let outer = Place(frame, at: 0) else { return nil }
        let found: PlainFrame
        if outer.number == 6 {
            guard let ends = outer.ends(frame), let flags = Self.byte(frame, outer.end + 13),
                let sequence = Self.bytes(frame, outer.end + 4, 4), sequence == [0, 0, 0, 0],
                flags & 0b10111 == 0b10100
            else { return nil }
            found = PlainFrame(isDatagram: false, client: ends.1, destination: ends.0)
        } else {
            guard outer.number == (outer.isSix ? 58 : 1),
                Self.bytes(frame, outer.end, 2) == (outer.isSix ? [1, 4] : [3, 3]),
                let inner = Place(frame, at: outer.end + 8), inner.isSix == outer.isSix, inner.number == 17,
                let ends = inner.ends(frame)
            else { return nil }
            found = PlainFrame(isDatagram: true, client: ends.0, destination: ends.1)
        }
        return found.destination.address.isLoopback ? nil : found
    }

    static func byte(_ frame: [UInt8], _ offset: Int) -> UInt8? {
        offset < frame.count ? frame[offset] : nil
    }

    static func bytes(_ frame: [UInt8], _ offset: Int, _ count: Int) -> [UInt8]? {
        offset + count <= frame.count ? Array(frame[offset..<(offset + count)]) : nil
    }

    /// Where a header stands and ends.
    private struct Place {
        let isSix: Bool
        let start: Int
        let end: Int
        let number: UInt8

        init?(_ frame: [UInt8], at start: Int) {
            guard let first = byte(frame, start) else { return nil }
            self.start = start
            switch first >> 4 {
            case 4:
                isSix = false
                end = start + Int(first & 15) * 4
                guard end >= start + 20, let fragment = bytes(frame, start + 6, 2), fragment[0] & 31 == 0,
                    fragment[1] == 0, let number = byte(frame, start + 9)
                else { return nil }
                self.number = number
            case 6:
                isSix = true
                end = start + 40
                guard let number = byte(frame, start + 6) else { return nil }
                self.number = number
            default: return nil
            }
            guard end <= frame.count else { return nil }
        }

        func ends(_ frame: [UInt8]) -> (SocketEndpoint, SocketEndpoint)? {
            let (offset, size) = isSix ? (8, 16) : (12, 4)
            guard let from = bytes(frame, start + offset, size).flatMap({ IPAddress(bytes: $0) }),
                let to = bytes(frame, start + offset + size, size).flatMap({ IPAddress(bytes: $0) }),
                let ports = bytes(frame, end, 4)
            else { return nil }
            return (
                SocketEndpoint(from, UInt16(ports[0]) << 8 | UInt16(ports[1])),
                SocketEndpoint(to, UInt16(ports[2]) << 8 | UInt16(ports[3]))
            )
        }
    }
}
