@testable import Sandbox

/// The kernel's side of a filter: runs a program over one call as seccomp(2) describes, and is as strict as
/// its verifier.
struct FilterInterpreter {
    /// What the kernel does with the call.
    enum Answer: Hashable, Sendable {
        case allowed
        case errno(UInt32)
        case killed
        /// The listener is asked.
        case told
        case other(UInt32)
    }

    enum Failure: Error {
        case unknownInstruction(at: Int, code: UInt64)
        case outOfProgram(at: Int)
        case outOfData(at: Int)
    }

    let instructions: [UInt64]
    var architecture = SyscallArchitecture.native

    init(_ filter: SyscallFilter) {
        instructions = filter.instructions
    }

    init(_ instructions: [UInt64]) {
        self.instructions = instructions
    }

    /// A native call by name.
    func callAsFunction(_ name: String, _ arguments: UInt64...) throws -> Answer {
        guard let number = architecture.calls.first(where: { $0.name == name })?.number else {
            return .errno(38)
        }
        return try run(token: architecture.auditToken, number: number, arguments: arguments)
    }

    func run(token: UInt32, number: UInt32, arguments: [UInt64]) throws -> Answer {
        // struct seccomp_data: nr, arch, instruction pointer, args[6].
        var words: [UInt32] = [number, token, 0, 0]
        for place in 0..<6 {
            let argument = arguments.indices.contains(place) ? arguments[place] : 0
            words += [UInt32(truncatingIfNeeded: argument), UInt32(argument >> 32)]
        }
        let value = try execute(words)
        switch value & 0xffff_0000 {
        case 0x7fff_0000: return .allowed
        case 0x0005_0000: return .errno(value & 0xffff)
        case 0x8000_0000: return .killed
        case 0x7fc0_0000: return .told
        default: return .other(value)
        }
    }

    private func execute(_ words: [UInt32]) throws -> UInt32 {
        var accumulator: UInt32 = 0
        var position = 0
        while position < instructions.count {
            let instruction = instructions[position]
            let operand = UInt32(instruction >> 32)
            let ifTrue = Int(instruction >> 16 & 0xff)
            let ifFalse = Int(instruction >> 24 & 0xff)
            let code = instruction & 0xffff
            position += 1
            switch code {
            case 0x20:
                guard operand % 4 == 0, operand < 64 else { throw Failure.outOfData(at: position - 1) }
                accumulator = words[Int(operand / 4)]
            case 0x54: accumulator &= operand
            case 0x05: position += Int(operand)
            case 0x15: position += accumulator == operand ? ifTrue : ifFalse
            case 0x25: position += accumulator > operand ? ifTrue : ifFalse
            case 0x35: position += accumulator >= operand ? ifTrue : ifFalse
            case 0x45: position += accumulator & operand != 0 ? ifTrue : ifFalse
            case 0x06: return operand
            default: throw Failure.unknownInstruction(at: position - 1, code: code)
            }
        }
        throw Failure.outOfProgram(at: position)
    }
}
