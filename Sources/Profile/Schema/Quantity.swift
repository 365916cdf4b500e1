/// Numbers with a unit.
enum Quantity {
    /// Reads a size.
    static func bytes(_ text: String) throws(ScalarError) -> UInt64 {
        let units: [(String, UInt64)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
        return try read(
            text, units: units, what: "a size", example: "512MiB (whole numbers; KiB, MiB or GiB)")
    }

    /// Reads a time.
    static func milliseconds(_ text: String) throws(ScalarError) -> UInt64 {
        let units: [(String, UInt64)] = [
            ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        return try read(text, units: units, what: "a time", example: "30m (whole numbers; ms, s, m, h or d)")
    }

    /// The number that some digits are; nil when there is anything else, a leading zero, or too many.
    static func digits(_ text: Substring) -> UInt64? {
        guard text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        guard text == "0" || text.first != "0" else { return nil }
        return UInt64(text)
    }

    private static func read(
        _ text: String, units: [(name: String, factor: UInt64)], what: String, example: String
    ) throws(ScalarError) -> UInt64 {
        for unit in units where text.hasSuffix(unit.name) {
            guard let number = digits(text.dropLast(unit.name.utf8.count)) else { continue }
            let (value, overflows) = number.multipliedReportingOverflow(by: unit.factor)
            // The kernel takes these as signed numbers (setrlimit(2), tmpfs(5)).
            guard !overflows, value <= UInt64(Int64.max) else {
                throw ScalarError("\(quoted(text)) is too large", remedy: "write a smaller number")
            }
            guard value > 0 else {
                throw ScalarError("\(quoted(text)) is nothing at all", remedy: "write at least 1\(unit.name)")
            }
            return value
        }
        throw ScalarError("\(quoted(text)) isn't \(what)", remedy: "write it as in \(example)")
    }
}
