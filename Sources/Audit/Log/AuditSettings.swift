/// How a session's log is kept (`audit` in the profile).
public struct AuditSettings: Sendable {
    /// What a record survives.
    public enum Durability: String, Sendable {
        /// The end of Mews, however it ends: the kernel has the record.
        case process
        /// The end of the machine: the medium has it (fdatasync(2) after each record).
        case power
    }

    /// What happens when a record can't be written.
    public enum FailureResponse: String, Sendable {
        /// The caller is told, and ends the session.
        case stop
        /// What is lost is counted, and told as soon as writing works again.
        case gap
    }

    /// What a record survives.
    public var durability: Durability
    /// What happens when one can't be written.
    public var onFailure: FailureResponse
    /// How much is written.
    public var bounds: AuditBounds

    /// Joins them.
    public init(
        durability: Durability = .process, onFailure: FailureResponse = .stop,
        bounds: AuditBounds = AuditBounds()
    ) {
        self.durability = durability
        self.onFailure = onFailure
        self.bounds = bounds
    }
}
