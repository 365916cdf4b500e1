/// A filter's program, run here as the kernel runs it (seccomp(2)).
///
/// By it the supervisor knows what the filter without a listener would have said of a call that it was told of:
/// the call goes on only if that filter lets it pass with these very registers.
public struct FilterProgram: Sendable {
    /// What the kernel would do with a call.
    public enum Answer: Hashable, Sendable {
        /// Let it proceed.
        case allow
        /// Return this error number.
        case errno(Int32)
        /// Anything else, a program that makes no sense included.
        case other
    }

    private let instructions: [UInt64]

    /// Takes packed `struct sock_filter`.
    public init(_ instructions: [UInt64]) {
        self.instructions = instructions
    }

    /// Runs the program over a call. It ends, since its jumps only go forward.
    ///
    /// - Parameters:
    ///   - architecture: AUDIT_ARCH_* of the call.
    ///   - number: the number of the call.
    ///   - arguments: the six registers.
    /// - Returns: what the program returns, `other` when it makes no sense.
    public func answer(architecture: UInt32, number: UInt32, arguments: [UInt64]) -> Answer {
        var loaded: UInt32 = 0
        var position = 0
        while position < instructions.count {
            let instruction = instructions[position]
            let operand = UInt32(instruction >> 32)
            let ifTrue = Int(instruction >> 16 & 0xff)
            let ifFalse = Int(instruction >> 24 & 0xff)
            position += 1
            switch instruction & 0xffff {
            case 0x20:
                guard let word = Self.word(operand, architecture, number, arguments) else { return .other }
                loaded = word
            case 0x54: loaded &= operand
            case 0x05: position += Int(operand)
            case 0x15: position += loaded == operand ? ifTrue : ifFalse
            case 0x25: position += loaded > operand ? ifTrue : ifFalse
            case 0x35: position += loaded >= operand ? ifTrue : ifFalse
            case 0x45: position += loaded & operand != 0 ? ifTrue : ifFalse
            case 0x06: return Self.answer(returned: operand)
            default: return .other
            }
        }
        return .other
    }

    /// Four bytes of `struct seccomp_data`; the instruction pointer, which no program of ours asks for, isn't
    /// kept.
    private static func word(
        _ offset: UInt32, _ architecture: UInt32, _ number: UInt32, _ arguments: [UInt64]
    ) -> UInt32? {
        switch offset {
        case 0: return number
        case 4: return architecture
        case 16..<64:
            let place = Int(offset - 16) / 8
            guard offset % 4 == 0, arguments.indices.contains(place) else { return nil }
            return UInt32(truncatingIfNeeded: arguments[place] >> (offset % 8 == 0 ? 0 : 32))
        default: return nil
        }
    }

    private static func answer(returned value: UInt32) -> Answer {
        switch value & 0xffff_0000 {
        case 0x7fff_0000: .allow
        case 0x0005_0000: .errno(Int32(value & 0xffff))
        default: .other
        }
    }
}
