import CLibseccomp
import Foundation
@testable import Sandbox
import Testing

@Suite("The precompiled filters are the rules' own")
struct PrecompiledFilterTests {
    private static func built(debug: Bool, isNotifying: Bool = false) throws -> [UInt64] {
        let policy = SyscallPolicy(debug: debug, internetSockets: true)
        return try FilterCompiler(policy: policy, architecture: .native, isNotifying: isNotifying).program()
            .map(\.packed)
    }

    private static var libraryVersion: String? {
        guard let version = unsafe seccomp_version() else { return nil }
        return unsafe "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.micro)"
    }

    @Test(
        "what libseccomp makes of the rules decides as the rules say", arguments: [false, true],
        [false, true])
    func compilerIsRight(debug: Bool, isNotifying: Bool) throws {
        let policy = SyscallPolicy(debug: debug, internetSockets: true)
        let program = FilterInterpreter(try Self.built(debug: debug, isNotifying: isNotifying))
        let names = Dictionary(
            uniqueKeysWithValues: SyscallArchitecture.native.calls.map { ($0.number, $0.name) })
        let difference = try FilterSurvey.first {
            try program.run(token: $0, number: $1, arguments: $2)
        } differsFrom: { token, number, arguments in
            guard token == SyscallArchitecture.native.auditToken else { return .killed }
            guard let name = names[number] else { return .errno(38) }
            let decision = policy.decision(of: name)
            guard isNotifying else { return Self.decide(decision, arguments) }
            let told = SyscallObservation.of(name).map { decision.allowing(as: $0) } ?? decision
            let answer = Self.decide(told, arguments)
            if case .errno(let number) = answer, number != 38 { return .told }
            return answer
        }
        #expect(difference == nil)
    }

    @Test(
        "programs are told of in addition, and of everything else the same is said", arguments: [false, true])
    func programs(debug: Bool) throws {
        let plain = try Self.built(debug: debug, isNotifying: true)
        let before = FilterInterpreter(plain)
        let telling = FilterInterpreter(try SyscallFilter.tellingOfPrograms(plain))
        let numbers = SyscallArchitecture.native.calls.filter {
            ["execve", "execveat", "exit_group"].contains($0.name)
        }.map(\.number)
        #expect(numbers.count == 3)
        let difference = try FilterSurvey.first {
            try telling.run(token: $0, number: $1, arguments: $2)
        } differsFrom: { token, number, arguments in
            let isNative = token == SyscallArchitecture.native.auditToken
            if isNative, numbers.contains(number) { return .told }
            return try before.run(token: token, number: number, arguments: arguments)
        }
        #expect(difference == nil)
    }

    @Test("a program run here answers as the kernel's", arguments: [false, true])
    func ownInterpreter(isNotifying: Bool) throws {
        let packed = try Self.built(debug: false, isNotifying: isNotifying)
        let program = FilterProgram(packed)
        let reference = FilterInterpreter(packed)
        let difference = try FilterSurvey.first {
            try reference.run(token: $0, number: $1, arguments: $2)
        } differsFrom: { token, number, arguments in
            let six = (0..<6).map { arguments.indices.contains($0) ? arguments[$0] : 0 }
            switch program.answer(architecture: token, number: number, arguments: six) {
            case .allow: return .allowed
            case .errno(let number): return .errno(UInt32(number))
            case .other:
                return token == SyscallArchitecture.native.auditToken ? .told : .killed
            }
        }
        #expect(difference == nil)
    }

    /// The rules read as they are written, without any program.
    private static func decide(
        _ decision: ArgumentDecision, _ arguments: [UInt64]
    ) -> FilterInterpreter.Answer {
        switch decision {
        case .allow: return .allowed
        case .tell: return .told
        case .refuse(let refusal): return .errno(refusal.errno)
        case .whenNull(let place, let then, let otherwise):
            let isNull = !arguments.indices.contains(place) || arguments[place] == 0
            return decide(isNull ? then : otherwise, arguments)
        case .when(let place, let mask, let values, let then, let otherwise):
            let value = arguments[place] % (1 << 32) & UInt64(mask)
            return decide(values.contains { UInt64($0) == value } ? then : otherwise, arguments)
        }
    }

    #if arch(x86_64)
    @Test("the one in the source decides as one built now", arguments: [false, true], [false, true])
    func sameDecisions(debug: Bool, isNotifying: Bool) throws {
        try Self.writeIfAsked()
        let source = try #require(PrecompiledFilter.instructions(debug: debug, isNotifying: isNotifying))
        #expect(
            try FilterSurvey.difference(of: source, and: Self.built(debug: debug, isNotifying: isNotifying))
                == nil)
    }

    @Test(
        "the one in the source is one built now, instruction by instruction",
        .enabled(if: libraryVersion == PrecompiledFilter.libseccompVersion), arguments: [false, true],
        [false, true])
    func sameInstructions(debug: Bool, isNotifying: Bool) throws {
        #expect(
            try PrecompiledFilter.instructions(debug: debug, isNotifying: isNotifying)
                == Self.built(debug: debug, isNotifying: isNotifying))
    }
    #endif

    @Test("the kernel takes their length")
    func length() throws {
        for debug in [false, true] {
            let filter = try SyscallFilter.make(allow: [], deny: [], debug: debug)
            #expect(filter.length == filter.instructions.count)
            #expect((100...SyscallFilter.maximumLength).contains(filter.length))
        }
    }

    /// Writes the source files when MEWS_WRITE_FILTER is set; the comparison then fails until they are compiled.
    private static func writeIfAsked() throws {
        guard ProcessInfo.processInfo.environment["MEWS_WRITE_FILTER"] != nil else { return }
        let version = """
                    /// The libseccomp that built the programs.
                    static let libseccompVersion = "\(libraryVersion ?? "")"


            """
        try write(
            "PrecompiledFilter+amd64.swift", version, ["standard": false, "forDebugging": true],
            isNotifying: false)
        try write(
            "PrecompiledFilter+amd64Notifying.swift", "",
            ["notifying": false, "notifyingForDebugging": true], isNotifying: true)
    }

    private static func write(
        _ file: String, _ start: String, _ programs: KeyValuePairs<String, Bool>, isNotifying: Bool
    ) throws {
        let members = try programs.map { name, debug in
            """
                    static let \(name): [UInt64] = [
            \(literal(try built(debug: debug, isNotifying: isNotifying)))
                    ]
            """
        }
        let text = """
            // Made from the rules by PrecompiledFilterTests; PrecompiledFilter says how.
            #if arch(x86_64)
                extension PrecompiledFilter {
            \(start)\(members.joined(separator: "\n\n"))
                }
            #endif

            """
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Sandbox/Syscalls/\(file)")
        try text.write(to: path, atomically: true, encoding: .utf8)
    }

    private static func literal(_ instructions: [UInt64]) -> String {
        let words = instructions.map { instruction in
            let digits = String(instruction, radix: 16)
            let padded = String(repeating: "0", count: 16 - digits.count) + digits
            let groups = stride(from: 0, to: 16, by: 4).map { padded.dropFirst($0).prefix(4) }
            return "0x" + groups.joined(separator: "_") + ","
        }
        return stride(from: 0, to: words.count, by: 4).map { start in
            "            " + words[start..<min(start + 4, words.count)].joined(separator: " ")
        }.joined(separator: "\n")
    }
}
