public import Network

/// Something that was asked of the network, let through or not, with everything its record says (OCSF classes
/// Network Activity, 4001, and DNS Activity, 4003).
public struct NetworkActivity: Sendable {
    /// What happened.
    public typealias Kind = NetworkEvent.Kind

    /// What happened, where and between whom, as the door tells it.
    public var event: NetworkEvent
    /// Who; nil when it couldn't be told.
    public var process: AuditedProcess?
    /// Which line; nil where no line has a say.
    public var rule: AuditedRule?
    /// One sentence for people, in which bytes that aren't text are escaped (`PrintableText`).
    public var message: String
    /// The smallest profile line that would allow it; nil when it is allowed or nothing may.
    public var fix: String?

    /// Joins the parts.
    public init(
        _ event: NetworkEvent, process: AuditedProcess?, rule: AuditedRule?, message: String, fix: String?
    ) {
        self.event = event
        self.process = process
        self.rule = rule
        self.message = message
        self.fix = fix
    }

    /// The code of its record.
    public var code: EventCode { EventCode(of: event.kind) }
}

extension EventCode {
    /// The code of what is asked of the network.
    init(of kind: NetworkActivity.Kind) {
        self =
            switch kind {
            case .allowed, .closed, .failed: .networkAllowed
            case .denied: .networkDenied
            case .nameDenied: .dnsDenied
            }
    }
}
