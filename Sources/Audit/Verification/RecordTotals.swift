/// What the records of a log add up to, by event code, as its last one says it.
struct RecordTotals: Sendable {
    private struct Sum: Sendable {
        var acts: Int64 = 0
        var records: Int64 = 0
        var lost: Int64 = 0
    }

    /// More codes, or a longer one, than the last record has room for; a log of them can't have a sound end.
    private static let maximumCodes = 4096
    private static let maximumCodeLength = 256

    private var sums: [String: Sum] = [:]
    private var isBeyondCounting = false

    /// Takes a record.
    ///
    /// - Returns: false when it says of itself what can't be counted.
    mutating func add(_ code: String, _ record: RecordValue) -> Bool {
        var acts: Int64 = 1
        if let count = record["count"] {
            guard let number = count.number, number > 0 else { return false }
            acts = number
        }
        if code == "audit.gap" {
            // What it counts belongs to the codes of the acts that it names.
            acts = 1
            guard addLost(record["unmapped", "mews", "lost"]) else { return false }
        }
        change(code) { sum in
            sum.records += 1
            return Self.add(acts, to: &sum.acts)
        }
        return true
    }

    private mutating func addLost(_ lost: RecordValue?) -> Bool {
        guard let lost else { return true }
        guard case .object(let members) = lost else { return false }
        for member in members {
            guard let number = member.value.number, number > 0 else { return false }
            change(member.name) { sum in
                Self.add(number, to: &sum.lost) && Self.add(number, to: &sum.acts)
            }
        }
        return true
    }

    private mutating func change(_ code: String, _ body: (inout Sum) -> Bool) {
        guard code.utf8.count <= Self.maximumCodeLength,
            sums[code] != nil || sums.count < Self.maximumCodes
        else {
            isBeyondCounting = true
            return
        }
        if !body(&sums[code, default: Sum()]) { isBeyondCounting = true }
    }

    private static func add(_ number: Int64, to sum: inout Int64) -> Bool {
        let (added, isTooLarge) = sum.addingReportingOverflow(number)
        sum = added
        return !isTooLarge
    }

    /// Whether `totals` of a session.end say the same.
    func agree(with totals: RecordValue?) -> Bool {
        guard !isBeyondCounting, case .object(let members) = totals, members.count == sums.count else {
            return false
        }
        return members.allSatisfy { member in
            guard let sum = sums[member.name], case .object(let numbers) = member.value else { return false }
            return numbers.count == 3 && member.value["acts"]?.number == sum.acts
                && member.value["records"]?.number == sum.records
                && member.value["lost"]?.number == sum.lost
        }
    }
}
