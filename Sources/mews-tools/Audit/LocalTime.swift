/// Times as people where the program runs write them.
enum LocalTime {
    /// Milliseconds of each unit of a duration.
    private static let units: [(name: String, factor: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// A time as `2026-03-16 14:05:09.123`, of milliseconds since 1970-01-01 UTC.
    static func text(_ milliseconds: Int64) -> String {
        // Rounded down also before 1970, as the clock counts.
        let rest = (milliseconds % 1000 + 1000) % 1000
        guard let time = CivilTime.local((milliseconds - rest) / 1000) else { return String(milliseconds) }
        let date = [digits(time.year, 4), digits(time.month, 2), digits(time.day, 2)]
        let clock = [digits(time.hour, 2), digits(time.minute, 2), digits(time.second, 2)]
        return "\(date.joined(separator: "-")) \(clock.joined(separator: ":")).\(digits(Int32(rest), 3))"
    }

    /// Reads a time.
    ///
    /// That is a duration before `now` (`90s`, `15m`, `2d`), a local time of today (`14:05`, `14:05:09`), or a local
    /// date with or without a time (`2026-03-16`, `2026-03-16T14:05`, `2026-03-16 14:05:09`); a `Z` behind a date
    /// makes it UTC.
    ///
    /// - Parameters:
    ///   - text: what was written.
    ///   - now: ms since 1970-01-01 UTC.
    /// - Returns: ms since 1970-01-01 UTC; nil when it isn't one of these.
    static func milliseconds(_ text: String, now: Int64) -> Int64? {
        for unit in units where text.hasSuffix(unit.name) {
            if let number = number(text.dropLast(unit.name.count), atMost: 12) {
                let (span, isTooLong) = Int64(number).multipliedReportingOverflow(by: unit.factor)
                return isTooLong ? nil : now - span
            }
        }
        let isUTC = text.hasSuffix("Z")
        let halves = text.dropLast(isUTC ? 1 : 0).split(
            maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { $0 == "T" || $0 == " " })
        let isOfToday = halves.count == 1 && halves[0].contains(":")
        guard !(isOfToday && isUTC), var time = isOfToday ? CivilTime.local(now / 1000) : date(halves[0])
        else {
            return nil
        }
        if isOfToday || halves.count == 2 {
            guard let clock = clock(halves[halves.count - 1]) else { return nil }
            (time.hour, time.minute, time.second) = clock
        }
        return time.seconds(isUTC: isUTC).map { $0 * 1000 }
    }

    private static func date(_ text: Substring) -> CivilTime? {
        let fields = text.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.map(\.count) == [4, 2, 2], let year = number(fields[0], atMost: 4),
            let month = number(fields[1], atMost: 2), let day = number(fields[2], atMost: 2)
        else { return nil }
        return CivilTime(year: Int32(year), month: Int32(month), day: Int32(day))
    }

    private static func clock(_ text: Substring) -> (Int32, Int32, Int32)? {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = fields.compactMap { $0.count == 2 ? number($0, atMost: 2).map(Int32.init) : nil }
        guard numbers.count == fields.count, numbers.count == 2 || numbers.count == 3 else { return nil }
        let second = numbers.count == 3 ? numbers[2] : 0
        return numbers[0] < 24 && numbers[1] < 60 && second < 60 ? (numbers[0], numbers[1], second) : nil
    }

    private static func number(_ text: Substring, atMost length: Int) -> Int? {
        guard text.count <= length, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    private static func digits(_ number: Int32, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
