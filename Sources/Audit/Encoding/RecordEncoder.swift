/// Puts events into records: the members in their order, the chain, the size.
///
/// One for each session; it holds what is the same in all of the session's records.
struct RecordEncoder {
    /// The place in the chain of the record that is written.
    struct Link {
        /// The number of the record.
        var sequence = 0
        /// The digits of the hash of the record before.
        var previous = [UInt8](repeating: UInt8(ascii: "0"), count: 64)
    }

    /// Where in the chain the next record stands.
    var link = Link()
    /// When the session started, for `elapsed_ms`.
    var start: Int64 = 0
    private(set) var writer = CanonicalWriter()

    let owner: AuditOwner
    let settings: AuditSettings
    let user: [UInt8]
    let device: [UInt8]
    let product: [UInt8]
    let productMembers: [UInt8]

    private static let prefix = Array("mews.audit.v1\n".utf8)

    /// Writes what every record has once.
    init(_ owner: AuditOwner, _ settings: AuditSettings) {
        self.owner = owner
        self.settings = settings
        user = Self.members { writer in
            writer.object("user") { writer in
                writer.text("name", owner.userName)
                writer.text("uid", String(owner.user))
            }
        }
        device = Self.members { writer in
            writer.object("device") { writer in
                writer.text("hostname", owner.hostName)
                writer.number("type_id", 0)
            }
        }
        let members = Self.members { writer in
            writer.literal("name", "Mews")
            writer.literal("vendor_name", "Mews")
            writer.text("version", owner.programVersion)
        }
        productMembers = members
        product = Self.members { writer in writer.object("product") { $0.fragment(members) } }
    }

    private static func members(_ write: (inout CanonicalWriter) -> Void) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.begin(TextLimits.steps[2])
        write(&writer)
        return writer.bytes
    }

    /// Writes one record, as far as needed with less of its long texts, and closes it with its hash.
    ///
    /// - Returns: its hash as digits; its line is the writer's bytes until the next one. The link stays: it
    ///   moves on when the line has been written.
    mutating func encode(_ members: (RecordEncoder, inout CanonicalWriter) -> Void) -> [UInt8] {
        // Moved out and back, so that the closure can look at the encoder while the writer changes.
        var writer = CanonicalWriter()
        swap(&writer, &self.writer)
        for step in 0..<3 {
            writer.begin(TextLimits.steps[step])
            writer.record { members(self, &$0) }
            if !writer.cuts.isEmpty {
                writer.begin(TextLimits.steps[step], knowing: writer.cuts)
                writer.record { members(self, &$0) }
            }
            if writer.bytes.count < TextLimits.record { break }
        }
        let hash = Self.hash(of: writer.bytes, without: writer.hashSlot)
        writer.fillHash(hash)
        writer.endLine()
        swap(&writer, &self.writer)
        return hash
    }

    private static func hash(of bytes: [UInt8], without slot: Range<Int>) -> [UInt8] {
        var digest = SHA256()
        digest.append(prefix)
        digest.append(bytes[..<slot.lowerBound])
        digest.append(bytes[slot.upperBound...])
        var digits: [UInt8] = []
        digits.reserveCapacity(64)
        for byte in digest.finished() {
            digits.append(CanonicalWriter.digit(byte >> 4))
            digits.append(CanonicalWriter.digit(byte & 15))
        }
        return digits
    }
}
