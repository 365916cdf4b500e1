/// What the last entry of a ledger tells the next one.
struct LedgerTail: Equatable {
    /// Its number among the entries.
    let sequence: Int
    /// The largest number of a session so far.
    let opened: Int
    /// The digits of its hash.
    let hash: [UInt8]

    /// Reads a line without its line feed; nil when it doesn't hold together.
    ///
    /// Only what is needed is looked for. `"hash":"` can't stand inside a string, because a quotation mark in
    /// one has a backslash in front; and the hash over all of the bytes tells whether they are as they were written.
    init?(_ line: [UInt8]) {
        guard let hash = Self.value(of: ",\"hash\":\"", in: line, length: 64),
            let sequence = Self.number(of: ",\"sequence\":", in: line),
            let opened = Self.number(of: ",\"opened\":", in: line)
        else { return nil }
        // From the quotation mark of the name to the comma behind the value.
        let slot = (hash.lowerBound - 8)..<(hash.upperBound + 2)
        guard slot.upperBound <= line.count, line[hash.upperBound...].starts(with: "\",".utf8) else {
            return nil
        }
        let digits = Array(line[hash])
        guard LedgerEntry.digits(of: line, without: slot) == digits else { return nil }
        self.sequence = sequence
        self.opened = opened
        self.hash = digits
    }

    private static func value(of name: String, in line: [UInt8], length: Int) -> Range<Int>? {
        guard let start = end(of: name, in: line), start + length <= line.count else { return nil }
        return start..<(start + length)
    }

    private static func number(of name: String, in line: [UInt8]) -> Int? {
        guard let start = end(of: name, in: line) else { return nil }
        let digits = line[start...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        // Beyond what JSON keeps nobody has written it.
        guard (1...15).contains(digits.count) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func end(of name: String, in line: [UInt8]) -> Int? {
        let name = Array(name.utf8)
        guard line.count >= name.count else { return nil }
        let start = (0...(line.count - name.count)).first { line[$0..<($0 + name.count)].elementsEqual(name) }
        return start.map { $0 + name.count }
    }
}
