/// What somebody keeps elsewhere: how long a log was at some time, and the hash of its last record then.
public struct Checkpoint: Hashable, Sendable, CustomStringConvertible {
    /// Which session; nil for whichever log it is held against.
    public let session: String?
    /// The number of records, at least 1.
    public let records: Int
    /// The hash of the record with sequence `records - 1`, 64 hexadecimal digits.
    public let hash: String

    private static let prefix = "mews.checkpoint.v1"

    /// Joins the parts.
    ///
    /// - Returns: nil when the number isn't positive or the hash isn't one.
    public init?(session: String?, records: Int, hash: String) {
        guard records > 0, Self.isHash(hash) else { return nil }
        self.session = session
        self.records = records
        self.hash = hash
    }

    /// Reads the line `mews.checkpoint.v1 SESSION RECORDS HASH`.
    public init?(line: String) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.prefix, SessionIdentifier.isCanonical(String(parts[1])),
            let records = Int(parts[2]), String(records) == parts[2]
        else { return nil }
        self.init(session: String(parts[1]), records: records, hash: String(parts[3]))
    }

    /// Reads `SEQUENCE:HASH`, as both stand in a record.
    public init?(anchor: String) {
        let parts = anchor.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int(parts[0]), String(sequence) == parts[0], sequence < Int.max
        else { return nil }
        self.init(session: nil, records: sequence + 1, hash: String(parts[1]))
    }

    static func isHash(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    /// The line that is kept.
    public var description: String { "\(Self.prefix) \(session ?? "-") \(records) \(hash)" }
}
