internal import Linux
internal import Network

/// What is folded: anything that whoever runs inside can do as often as it likes.
enum RecordedAct: Sendable {
    /// A refusal of the kernel's.
    case denial(Denial)
    /// Something asked of the network.
    case network(NetworkActivity)

    /// The code of its record.
    var code: EventCode {
        switch self {
        case .denial(let denial): denial.code
        case .network(let activity): activity.code
        }
    }

    /// Adds what makes two of them identical.
    func hash(into hasher: inout Hasher) {
        switch self {
        case .denial(let denial):
            hasher.combine(code)
            Self.hash(denial, into: &hasher)
        case .network(let activity): Self.hash(activity.event, by: activity.process, into: &hasher)
        }
    }

    private static func hash(_ denial: Denial, into hasher: inout Hasher) {
        switch denial.subject {
        case .file(let activity, let path, _, let second):
            hasher.combine(activity)
            hasher.combine(path)
            hasher.combine(second)
        case .socketPath(let path): hasher.combine(path)
        case .socket(let family, let type, let number, _):
            hasher.combine(family)
            hasher.combine(type)
            hasher.combine(number)
        case .call: hasher.combine(denial.call)
        }
        hasher.combine(denial.process.program)
    }

    /// The same of something asked of the network.
    static func hash(_ event: NetworkEvent, by process: AuditedProcess?, into hasher: inout Hasher) {
        hasher.combine(EventCode(of: event.kind))
        hasher.combine(event.kind)
        hasher.combine(event.door)
        hasher.combine(event.isDatagram)
        add(event.host, to: &hasher)
        // Without a name the address is what was asked for; with one it is a matter of the moment.
        if event.host.isEmpty { hasher.combine(event.destination.address) }
        hasher.combine(event.port)
        hasher.combine(event.reason)
        hasher.combine(event.questionType)
        hasher.combine(process?.program == nil)
        add(process?.program ?? [], to: &hasher)
    }

    /// Bytes, all at once and with their number.
    private static func add(_ bytes: [UInt8], to hasher: inout Hasher) {
        hasher.combine(bytes.count)
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    /// How many bytes it holds, roughly.
    var size: Int {
        switch self {
        case .denial(let denial):
            let paths =
                switch denial.subject {
                case .file(_, let path, _, let second): path.count + (second?.count ?? 0)
                case .socketPath(let path): path.count
                case .socket, .call: 0
                }
            return paths + (denial.process.program?.count ?? 0) + denial.message.utf8.count
                + (denial.fix?.utf8.count ?? 0) + 512
        case .network(let activity):
            return activity.event.host.count + activity.event.serverName.count
                + (activity.process?.program?.count ?? 0) + activity.message.utf8.count
                + (activity.fix?.utf8.count ?? 0) + 640
        }
    }

    /// The bytes that it moved and how long it took.
    var traffic: NetworkTraffic {
        switch self {
        case .denial: NetworkTraffic()
        case .network(let activity): NetworkTraffic(of: activity.event)
        }
    }
}
