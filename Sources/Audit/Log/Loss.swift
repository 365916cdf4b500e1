internal import Linux

/// Why something has no record (`unmapped.mews.reason` of audit.gap).
enum LossReason: String, CaseIterable {
    /// Too many different denials.
    case rate
    /// The log is as large as it may become.
    case size
    /// The log couldn't be written.
    case write
    /// Too many processes at once to watch them all.
    case processes
    /// The kernel had no room for what was to be seen.
    case unseen

    func message(_ count: Int) -> String {
        let what = count == 1 ? "One act has" : "\(count) acts have"
        return switch self {
        case .rate: "\(what) no record, because there were too many at once."
        case .size: "\(what) no record, because the log has reached its largest size."
        case .write: "\(what) no record, because the log could not be written."
        case .processes: "\(what) no record, because too many processes were running at once."
        case .unseen: "\(what) no record, because there were more at once than the kernel had room for."
        }
    }
}

/// What has no record for one reason, until an audit.gap tells it.
struct Loss {
    /// How often, by event code.
    private(set) var counts = [Int](repeating: 0, count: EventCode.allCases.count)
    /// How often in all.
    private(set) var total = 0
    /// When the first and the last happened, in ms since 1970-01-01 UTC.
    private(set) var first = 0
    private(set) var last = 0
    /// The last error, when it was one.
    var errno: Errno?
    /// When it is to be told, by the monotonic clock.
    var deadline: Int64 = 0

    var isEmpty: Bool { total == 0 }

    /// Counts acts of a code that happened between two times.
    mutating func add(_ count: Int, _ code: EventCode, first: Int, last: Int) {
        counts[Int(code.rawValue)] += count
        self.first = total == 0 ? first : min(self.first, first)
        self.last = total == 0 ? last : max(self.last, last)
        total += count
    }
}
