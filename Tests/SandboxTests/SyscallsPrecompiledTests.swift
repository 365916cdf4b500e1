import CLibseccomp
import Foundation
@testable import Sandbox
import Testing

@Suite("The precompiled filters are the rules' own")
struct PrecompiledFilterTests {
    private static func built(debug: Bool) throws -> [UInt64] {
        let policy = SyscallPolicy(debug: debug, internetSockets: true)
        return try FilterCompiler(policy: policy, architecture: .native).program().map(\.packed)
    }

    private static var libraryVersion: String? {
        guard let version = unsafe seccomp_version() else { return nil }
        return unsafe "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.micro)"
    }

    @Test("what libseccomp makes of the rules decides as the rules say", arguments: [false, true])
    func compilerIsRight(debug: Bool) throws {
        let policy = SyscallPolicy(debug: debug, internetSockets: true)
        let program = FilterInterpreter(try Self.built(debug: debug))
        let names = Dictionary(
            uniqueKeysWithValues: SyscallArchitecture.native.calls.map { ($0.number, $0.name) })
        let difference = try FilterSurvey.first {
            try program.run(token: $0, number: $1, arguments: $2)
        } differsFrom: { token, number, arguments in
            guard token == SyscallArchitecture.native.auditToken else { return .killed }
            guard let name = names[number] else { return .errno(38) }
            return Self.decide(policy.decision(of: name), arguments)
        }
        #expect(difference == nil)
    }

    /// The rules read as they are written, without any program.
    private static func decide(
        _ decision: ArgumentDecision, _ arguments: [UInt64]
    ) -> FilterInterpreter.Answer {
        switch decision {
        case .allow: return .allowed
        case .refuse(let refusal): return .errno(refusal.errno)
        case .when(let place, let mask, let values, let then, let otherwise):
            let value = arguments[place] % (1 << 32) & UInt64(mask)
            return decide(values.contains { UInt64($0) == value } ? then : otherwise, arguments)
        }
    }

    #if arch(x86_64)
    @Test("the one in the source decides as one built now", arguments: [false, true])
    func sameDecisions(debug: Bool) throws {
        try Self.writeIfAsked()
        let source = try #require(PrecompiledFilter.instructions(debug: debug))
        #expect(try FilterSurvey.difference(of: source, and: Self.built(debug: debug)) == nil)
    }

    @Test(
        "the one in the source is one built now, instruction by instruction",
        .enabled(if: libraryVersion == PrecompiledFilter.libseccompVersion), arguments: [false, true])
    func sameInstructions(debug: Bool) throws {
        #expect(try PrecompiledFilter.instructions(debug: debug) == Self.built(debug: debug))
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

    /// Writes the source file when MEWS_WRITE_FILTER is set; the comparison then fails until it is compiled.
    private static func writeIfAsked() throws {
        guard ProcessInfo.processInfo.environment["MEWS_WRITE_FILTER"] != nil else { return }
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Sandbox/Syscalls/PrecompiledFilter+amd64.swift")
        let text = """
            // Made from the rules by PrecompiledFilterTests; PrecompiledFilter says how.
            #if arch(x86_64)
                extension PrecompiledFilter {
                    /// The libseccomp that built the programs.
                    static let libseccompVersion = "\(libraryVersion ?? "")"

                    static let standard: [UInt64] = [
            \(literal(try built(debug: false)))
                    ]

                    static let forDebugging: [UInt64] = [
            \(literal(try built(debug: true)))
                    ]
                }
            #endif

            """
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
