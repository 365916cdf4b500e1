/// A line of a log or ledger, understood.
public struct ParsedRecord: Sendable {
    /// What it says.
    public let value: RecordValue
    /// Its bytes, without the newline.
    public let line: ArraySlice<UInt8>
    /// The place in `line` of the member that holds the line's own hash, with the comma behind it.
    let hash: Range<Int>?

    /// The hash that the line should have, over `domain` and everything else of it.
    func digest(_ domain: StaticString) -> String {
        var digest = SHA256()
        digest.append(domain.description.utf8)
        if let hash {
            digest.append(line[..<hash.lowerBound])
            digest.append(line[hash.upperBound...])
        } else {
            digest.append(line)
        }
        return Hexadecimal.text(digest.finished())
    }
}
