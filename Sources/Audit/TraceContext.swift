/// The place of a session in somebody's distributed trace (W3C Trace Context, `traceparent` and `tracestate`), as
/// the environment hands it down (OpenTelemetry, "Environment Variables as Context Propagation Carriers").
public struct TraceContext: Hashable, Sendable {
    /// 32 hexadecimal digits.
    public let trace: String
    /// The span that started the session: 16 hexadecimal digits.
    public let parentSpan: String
    /// Whether the caller may have recorded it.
    public let isSampled: Bool
    /// What vendors added; nil when there is none that can be kept.
    public let state: String?

    private static let mostStateBytes = 512

    /// Reads the two variables; nil when TRACEPARENT is absent or isn't one. A state that isn't one is left out
    /// alone.
    ///
    /// - Parameters:
    ///   - parent: the value of TRACEPARENT.
    ///   - state: the value of TRACESTATE.
    public init?(parent: [UInt8]?, state: [UInt8]?) {
        guard let parent, parent.count >= 55, parent.count <= 256 else { return nil }
        let fields = parent.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard fields.count >= 4, fields[0].count == 2, fields[1].count == 32, fields[2].count == 16,
            fields[3].count == 2, fields[..<4].allSatisfy({ $0.allSatisfy(Self.isDigit) })
        else { return nil }
        // Version 00 has these fields only, a later one may have more, and ff is forbidden.
        let version = String(decoding: fields[0], as: UTF8.self)
        guard version != "ff", version != "00" || fields.count == 4 else { return nil }
        let zero = UInt8(ascii: "0")
        guard fields[1].contains(where: { $0 != zero }), fields[2].contains(where: { $0 != zero }) else {
            return nil
        }
        trace = String(decoding: fields[1], as: UTF8.self)
        parentSpan = String(decoding: fields[2], as: UTF8.self)
        isSampled = (UInt8(String(decoding: fields[3], as: UTF8.self), radix: 16) ?? 0) & 1 == 1
        self.state = state.flatMap(Self.checked)
    }

    /// Digits and small letters only: the recommendation forbids capitals.
    private static func isDigit(_ byte: UInt8) -> Bool {
        Bytes.isDigit(byte) || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f"))
    }

    /// At most 32 members of printable ASCII, `key=value` each.
    private static func checked(_ state: [UInt8]) -> String? {
        let members = state.split(separator: UInt8(ascii: ","))
        guard !state.isEmpty, state.count <= mostStateBytes, members.count <= 32,
            state.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }),
            members.allSatisfy({ $0.contains(UInt8(ascii: "=")) })
        else { return nil }
        return String(decoding: state, as: UTF8.self)
    }
}
