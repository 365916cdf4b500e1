@testable import Sandbox

/// Compares what two deciders make of every number with every argument that could matter.
enum FilterSurvey {
    /// Values around every constant that a rule compares with.
    private static let values: [UInt64] = {
        let constants: [UInt64] = [
            0, 1, 2, 3, 5, 6, 8, 10, 16, 17, 33, 35, 38, 40, 58, 0o100, 0x80, 0o2000, 0o4000, 132, 262,
            0x5412,
            0x541C, 0x541D, 0x5423, 0o020000, 0o060000, 0x2_0000, 0x2_0008, 0x4_0000, 0x40_0000, 0x1000_0000,
            0o20_000_000, 0x5961_6d61, 0xffff_ffff,
        ]
        return constants.flatMap { [$0, $0 ^ 1, $0 | 1 << 32] }
    }()

    /// Each value in each place alone, and in all places; then whole calls of socket and open.
    private static let vectors: [[UInt64]] = {
        var vectors = values.map { [$0, $0, $0, $0] }
        for value in values {
            for place in 0..<4 {
                var vector: [UInt64] = [0, 0, 0, 0]
                vector[place] = value
                vectors.append(vector)
            }
        }
        for family in [1, 2, 10, 16, 38] as [UInt64] {
            for type in [1, 2, 3, 5, 0x80001] as [UInt64] {
                for number in [0, 1, 6, 9, 17, 132, 262] as [UInt64] {
                    vectors.append([family, type, number, 0])
                }
            }
        }
        for flags in [0, 0o100, 0o20_000_000] as [UInt64] {
            for mode in [0, 0o644, 0o4755, 0o2000] as [UInt64] {
                vectors += [[0, flags, mode, 0], [0, 0, flags, mode]]
            }
        }
        // A pointer of sendto: NULL, or something in one of its halves.
        vectors += [[0, 0, 0, 0, 1 << 32], [0, 0, 0, 0, 0x1000], [0, 0, 0, 0, .max]]
        return vectors
    }()

    /// The first call on which two programs differ; nil if there is none.
    static func difference(of one: [UInt64], and other: [UInt64]) throws -> String? {
        let (one, other) = (FilterInterpreter(one), FilterInterpreter(other))
        return try first {
            try one.run(token: $0, number: $1, arguments: $2)
        } differsFrom: {
            try other.run(token: $0, number: $1, arguments: $2)
        }
    }

    typealias Decider = (_ token: UInt32, _ number: UInt32, _ arguments: [UInt64]) throws ->
        FilterInterpreter.Answer

    /// The first call on which two deciders differ; nil if there is none.
    static func first(_ one: Decider, differsFrom other: Decider) throws -> String? {
        let native = SyscallArchitecture.native.auditToken
        let checked = Set(
            SyscallRules.table(debug: false, internetSockets: true).filter { rule in
                if case .when = rule.decision { true } else { false }
            }.flatMap(\.names) + ["sendto"])
        let names = Dictionary(
            uniqueKeysWithValues: SyscallArchitecture.native.calls.map { ($0.number, $0.name) })
        for number in Array(0...520) + [1000, 0x4000_0000, 0x4000_0001, 0x8000_0000, .max] as [UInt32] {
            // Where arguments decide in neither, two vectors show it.
            let isChecked = names[number].map(checked.contains) ?? false
            for arguments in isChecked ? vectors : [[0, 0, 0, 0], [.max, .max, .max, .max]] {
                for token in arguments == [0, 0, 0, 0] ? [native, 0x4000_0003] : [native] {
                    if try one(token, number, arguments) != other(token, number, arguments) {
                        return "\(names[number] ?? "?") \(number) \(arguments) for \(token)"
                    }
                }
            }
        }
        return nil
    }
}
