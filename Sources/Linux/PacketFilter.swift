/// A program of classic BPF that says which packets of a protocol are kept (socket(7), SO_ATTACH_FILTER): those that
/// say that nobody listens. None about a destination in the sandbox's own loopback: a server that isn't up yet is no
/// denial.
struct PacketFilter {
    /// The protocol (IANA's number).
    let protocolNumber: Int32
    /// Packed `struct sock_filter`.
    let instructions: [UInt64]

    /// Where a comparison goes on.
    private enum Target: Equatable {
        case next
        case keep
        case leave
    }

    /// An instruction; without targets one that only loads or changes the value.
    private struct Step {
        let code: UInt16
        let operand: UInt32
        var ifTrue = Target.next
        var ifFalse = Target.next

        static func word(at offset: UInt32) -> Step { Step(code: 0x20, operand: offset) }
        static func half(at offset: UInt32) -> Step { Step(code: 0x28, operand: offset) }
        static func byte(at offset: UInt32) -> Step { Step(code: 0x30, operand: offset) }
        /// Lets what follows with `afterHeader` count from the end of an IPv4 header.
        static let headerLength = Step(code: 0xb1, operand: 0)
        static func word(afterHeader offset: UInt32) -> Step { Step(code: 0x40, operand: offset) }
        static func half(afterHeader offset: UInt32) -> Step { Step(code: 0x48, operand: offset) }
        static func byte(afterHeader offset: UInt32) -> Step { Step(code: 0x50, operand: offset) }
        /// From the beginning of the IPv6 header (SKF_NET_OFF), which a raw socket of that family doesn't show.
        static func networkWord(at offset: UInt32) -> Step { Step(code: 0x20, operand: 0xfff0_0000 + offset) }
        static func and(_ mask: UInt32) -> Step { Step(code: 0x54, operand: mask) }
        static func equal(_ value: UInt32, _ ifTrue: Target, _ ifFalse: Target) -> Step {
            Step(code: 0x15, operand: value, ifTrue: ifTrue, ifFalse: ifFalse)
        }
    }

    /// The last step is a comparison that leads elsewhere on both sides. A load past the end of a packet leaves it
    /// out.
    private init(_ protocolNumber: Int32, _ steps: [Step]) {
        self.protocolNumber = protocolNumber
        var packed: [UInt64] = []
        for step in steps {
            let toKeep = steps.count - packed.count - 1
            let distance = { (target: Target) -> Int in
                switch target {
                case .next: 0
                case .keep: toKeep
                case .leave: toKeep + 1
                }
            }
            packed.append(Self.pack(step.code, distance(step.ifTrue), distance(step.ifFalse), step.operand))
        }
        let result: UInt16 = 0x06
        packed.append(Self.pack(result, 0, 0, UInt32(PacketObserver.snapLength)))
        packed.append(Self.pack(result, 0, 0, 0))
        instructions = packed
    }

    private static func pack(_ code: UInt16, _ ifTrue: Int, _ ifFalse: Int, _ operand: UInt32) -> UInt64 {
        // As it lies in memory on a little-endian machine, which all supported ones are.
        UInt64(code) | UInt64(UInt8(ifTrue)) << 16 | UInt64(UInt8(ifFalse)) << 24 | UInt64(operand) << 32
    }
}

extension PacketFilter {
    /// TCP: of FIN, SYN, RST and ACK the last two, and sequence number 0, because the answered segment had none to go
    /// on from: the reset that answers a SYN (RFC 9293, 3.10.7.1). ICMP: port unreachable, about UDP (RFC 792).
    static let version4 = [
        PacketFilter(
            6,
            [
                .headerLength,
                .byte(afterHeader: 13), .and(0x17), .equal(0x14, .next, .leave),
                .word(afterHeader: 4), .equal(0, .next, .leave),
                .byte(at: 12), .equal(127, .leave, .keep),
            ]),
        PacketFilter(
            1,
            [
                .headerLength,
                .half(afterHeader: 0), .equal(0x0303, .next, .leave),
                .byte(afterHeader: 8 + 9), .equal(17, .next, .leave),
                .byte(afterHeader: 8 + 16), .equal(127, .leave, .keep),
            ]),
    ]

    /// The same; ICMPv6 as RFC 4443, 3.1 has it.
    static let version6 = [
        PacketFilter(
            6,
            [
                .byte(at: 13), .and(0x17), .equal(0x14, .next, .leave),
                .word(at: 4), .equal(0, .next, .leave),
                .networkWord(at: 8), .equal(0, .next, .keep), .networkWord(at: 12), .equal(0, .next, .keep),
                .networkWord(at: 16), .equal(0, .next, .keep), .networkWord(at: 20), .equal(1, .leave, .keep),
            ]),
        PacketFilter(
            58,
            [
                .half(at: 0), .equal(0x0104, .next, .leave),
                .byte(at: 8 + 6), .equal(17, .next, .leave),
                .word(at: 8 + 24), .equal(0, .next, .keep), .word(at: 8 + 28), .equal(0, .next, .keep),
                .word(at: 8 + 32), .equal(0, .next, .keep), .word(at: 8 + 36), .equal(1, .leave, .keep),
            ]),
    ]
}
