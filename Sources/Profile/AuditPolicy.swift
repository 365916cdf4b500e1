/// What is written to the log, and how: the `audit` part of a policy.
public struct AuditPolicy: Sendable {
    /// What is recorded. A larger raw value records more.
    public enum Level: Int, Sendable, Comparable, CaseIterable {
        /// What was denied, and the session itself.
        case denied
        /// Also each command that was started inside, and how it ended.
        case commands

        /// Orders by how much is recorded.
        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        /// The word of the profile.
        public var word: String { self == .denied ? "denied" : "commands" }

        init?(word: String) {
            guard let level = Self.allCases.first(where: { $0.word == word }) else { return nil }
            self = level
        }
    }

    /// How denied reads are seen. They are denied either way.
    public enum Reads: String, Sendable {
        /// By FUSE where /dev/fuse can be opened, else not; which of the two is told.
        case auto
        /// By FUSE, or nothing is started.
        case fuse
        /// Not at all.
        case off
    }

    /// What a record outlives.
    public enum Durability: String, Sendable {
        /// The end of every process: it was handed to the kernel (write(2)).
        case process
        /// Also a power cut: it was written out (fdatasync(2)).
        case power
    }

    /// What happens when a record can't be written.
    public enum FailureResponse: String, Sendable {
        /// The command is killed; exit status 123.
        case stop
        /// The command goes on, and what is missing is counted in a record as soon as one can be written.
        case gap
    }

    /// What is recorded.
    public var level: Sourced<Level>
    /// How denied reads are seen.
    public var reads: Sourced<Reads>
    /// What a record outlives.
    public var durability: Sourced<Durability>
    /// What happens when a record can't be written.
    public var onFailure: Sourced<FailureResponse>
    /// How long logs are kept at least, in milliseconds. Nothing is deleted by a launch.
    public var retain: Sourced<UInt64>
    /// Texts that are replaced wherever they stand in a record; none is empty.
    public var redact: [Sourced<String>]

    /// The defaults, as if they stood at `origin`.
    public init(origin: Origin) {
        let day: UInt64 = 86_400_000
        level = Sourced(.denied, origin)
        reads = Sourced(.auto, origin)
        durability = Sourced(.process, origin)
        onFailure = Sourced(.stop, origin)
        retain = Sourced(90 * day, origin)
        redact = []
    }
}
