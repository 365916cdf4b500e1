/// One instruction of classic BPF, packed as `struct sock_filter` lies in memory on a little-endian machine:
/// code, jump if true, jump if false, operand (linux/filter.h).
struct FilterInstruction: Hashable, Sendable {
    /// The eight bytes.
    let packed: UInt64

    /// Takes what libseccomp or a precompiled program holds.
    init(packed: UInt64) {
        self.packed = packed
    }

    private init(code: UInt16, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0, operand: UInt32) {
        packed = UInt64(code) | UInt64(ifTrue) << 16 | UInt64(ifFalse) << 24 | UInt64(operand) << 32
    }

    /// Loads the call's number (`seccomp_data.nr`).
    static let loadNumber = FilterInstruction(code: 0x20, operand: 0)
    /// Loads the call's architecture (`seccomp_data.arch`).
    static let loadArchitecture = FilterInstruction(code: 0x20, operand: 4)

    /// Loads the low 32 bits of an argument. The high ones are left out on purpose: see
    /// ``ArgumentDecision``.
    static func load(argument: Int) -> FilterInstruction {
        FilterInstruction(code: 0x20, operand: 16 + 8 * UInt32(argument))
    }

    /// Loads the high 32 bits of an argument, for a pointer that is compared with NULL.
    static func load(upperHalfOf argument: Int) -> FilterInstruction {
        FilterInstruction(code: 0x20, operand: 20 + 8 * UInt32(argument))
    }

    /// Keeps only the mask's bits of what was loaded.
    static func and(_ mask: UInt32) -> FilterInstruction {
        FilterInstruction(code: 0x54, operand: mask)
    }

    /// Skips as many instructions as `then` says if the loaded value equals the operand.
    static func equal(_ operand: UInt32, then: UInt8, otherwise: UInt8) -> FilterInstruction {
        FilterInstruction(code: 0x15, ifTrue: then, ifFalse: otherwise, operand: operand)
    }

    /// Skips as many instructions as `then` says if the loaded value is at least the operand, unsigned.
    static func atLeast(_ operand: UInt32, then: UInt8, otherwise: UInt8) -> FilterInstruction {
        FilterInstruction(code: 0x35, ifTrue: then, ifFalse: otherwise, operand: operand)
    }

    /// Skips as many instructions, always.
    static func jump(_ distance: Int) -> FilterInstruction {
        FilterInstruction(code: 0x05, operand: UInt32(distance))
    }

    /// Ends the program.
    static func end(_ action: FilterAction) -> FilterInstruction {
        FilterInstruction(code: 0x06, operand: action.value)
    }

    /// The mark that this instruction returns; nil for every other instruction.
    var returnedMark: Int? {
        guard packed & 0xffff == 0x06 else { return nil }
        return FilterAction(returned: UInt32(packed >> 32)).mark
    }
}
