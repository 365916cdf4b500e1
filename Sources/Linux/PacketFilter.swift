/// A program of classic BPF that says which frames are kept (socket(7), SO_ATTACH_FILTER).
struct PacketFilter {
    /// Packed `struct sock_filter`.
    let instructions: [UInt64]

    /// Where a comparison goes on.
    enum Target: Equatable {
        case next
        case keep
        case leave
        case chain(Int)
    }

    /// An instruction; without targets one that only loads or changes the value.
    struct Step {
        let code: UInt16
        let operand: UInt32
        var ifTrue = Target.next
        var ifFalse = Target.next

        /// What is known of the frame besides its bytes.
        enum Fact: UInt32 {
            case protocolNumber = 0
            case kind = 4
        }

        static func load(_ fact: Fact) -> Step { Step(code: 0x20, operand: 0xffff_f000 + fact.rawValue) }
        static func word(at offset: UInt32) -> Step { Step(code: 0x20, operand: offset) }
        static func half(at offset: UInt32) -> Step { Step(code: 0x28, operand: offset) }
        static func byte(at offset: UInt32) -> Step { Step(code: 0x30, operand: offset) }
        /// Lets what follows with `afterHeader` count from the end of an IPv4 header.
        static let headerLength = Step(code: 0xb1, operand: 0)
        static func word(afterHeader offset: UInt32) -> Step { Step(code: 0x40, operand: offset) }
        static func half(afterHeader offset: UInt32) -> Step { Step(code: 0x48, operand: offset) }
        static func byte(afterHeader offset: UInt32) -> Step { Step(code: 0x50, operand: offset) }
        static func and(_ mask: UInt32) -> Step { Step(code: 0x54, operand: mask) }
        static func equal(_ value: UInt32, _ ifTrue: Target, _ ifFalse: Target) -> Step {
            Step(code: 0x15, operand: value, ifTrue: ifTrue, ifFalse: ifFalse)
        }
        static func atLeast(_ value: UInt32, _ ifTrue: Target, _ ifFalse: Target) -> Step {
            Step(code: 0x35, operand: value, ifTrue: ifTrue, ifFalse: ifFalse)
        }
    }

    /// Lays the chains out one after the other; the first is the beginning. Each ends with a comparison that leads
    /// elsewhere on both sides. A load past the end of a frame leaves it out.
    init(_ chains: [[Step]]) {
        var starts: [Int] = []
        var end = 0
        for chain in chains {
            starts.append(end)
            end += chain.count
        }
        let result: UInt16 = 0x06
        var packed: [UInt64] = []
        for step in chains.joined() {
            let position = packed.count
            let distance = { (target: Target) -> Int in
                switch target {
                case .next: 0
                case .keep: end - position - 1
                case .leave: end - position
                case .chain(let index): starts[index] - position - 1
                }
            }
            packed.append(Self.pack(step.code, distance(step.ifTrue), distance(step.ifFalse), step.operand))
        }
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
    /// Keeps what says that nobody listens, once: the reset that answers a SYN, an unreachable port of UDP, and
    /// datagrams to a group, which nobody answers. Nothing about a destination in the sandbox's own loopback: a
    /// server that isn't up yet is no denial.
    static let refusals = PacketFilter([
        [
            // Frames pass lo outwards (PACKET_OUTGOING) and inwards.
            .load(.kind), .equal(4, .leave, .next),
            .load(.protocolNumber), .equal(0x0800, .chain(1), .next), .equal(0x86dd, .chain(5), .leave),
        ],
        [
            .half(at: 6), .and(0x1fff), .equal(0, .next, .leave),  // no later fragment
            .headerLength,
            .byte(at: 9), .equal(6, .chain(2), .next), .equal(1, .chain(3), .next),
            .equal(17, .chain(4), .leave),
        ],
        [
            // FIN, SYN, RST and ACK: of the four the last two, and sequence number 0, because the answered segment
            // had none to go on from (RFC 9293, 3.10.7.1).
            .byte(afterHeader: 13), .and(0x17), .equal(0x14, .next, .leave),
            .word(afterHeader: 4), .equal(0, .next, .leave),
            .byte(at: 12), .equal(127, .leave, .keep),
        ],
        [
            // Port unreachable, about UDP (RFC 792).
            .half(afterHeader: 0), .equal(0x0303, .next, .leave),
            .byte(afterHeader: 8 + 9), .equal(17, .next, .leave),
            .byte(afterHeader: 8 + 16), .equal(127, .leave, .keep),
        ],
        [
            // UDP to a group or to all.
            .byte(at: 16), .atLeast(224, .keep, .leave),
        ],
        [
            .byte(at: 6), .equal(6, .chain(6), .next), .equal(58, .chain(7), .next),
            .equal(17, .chain(8), .leave),
        ],
        [
            .byte(at: 40 + 13), .and(0x17), .equal(0x14, .next, .leave),
            .word(at: 40 + 4), .equal(0, .next, .leave),
            .word(at: 8), .equal(0, .next, .keep), .word(at: 12), .equal(0, .next, .keep),
            .word(at: 16), .equal(0, .next, .keep), .word(at: 20), .equal(1, .leave, .keep),
        ],
        [
            // RFC 4443, 3.1.
            .half(at: 40), .equal(0x0104, .next, .leave),
            .byte(at: 48 + 6), .equal(17, .next, .leave),
            .word(at: 48 + 24), .equal(0, .next, .keep), .word(at: 48 + 28), .equal(0, .next, .keep),
            .word(at: 48 + 32), .equal(0, .next, .keep), .word(at: 48 + 36), .equal(1, .leave, .keep),
        ],
        [
            .byte(at: 24), .equal(0xff, .keep, .leave),
        ],
    ])
}
