internal import Linux
internal import Network
internal import Profile

/// What was explained lately of connections that were let through: programs open many to one place, and it is said of each
/// twice.
struct ExplainedConnections {
    private static let most = 8

    private var explanations: [(event: NetworkEvent, explanation: NetworkExplanation)] = []
    private var next = 0

    /// The explanation of an event, made when there is none that fits.
    mutating func explanation(of event: NetworkEvent, in policy: NetworkPolicy) -> NetworkExplanation {
        guard event.reason == nil, event.kind != .nameDenied, event.kind != .denied else {
            return NetworkExplanation(of: event, in: policy)
        }
        if let known = explanations.first(where: { Self.isAlike($0.event, event) }) {
            return known.explanation.of(event)
        }
        let explanation = NetworkExplanation(of: event, in: policy)
        if explanations.count < Self.most {
            explanations.append((event, explanation))
        } else {
            explanations[next] = (event, explanation)
            next = (next + 1) % Self.most
        }
        return explanation
    }

    /// Whether everything is the same that an explanation is made from.
    private static func isAlike(_ one: NetworkEvent, _ other: NetworkEvent) -> Bool {
        one.port == other.port && one.rule == other.rule && one.isDatagram == other.isDatagram
            && one.host == other.host
            && (!one.host.isEmpty || one.destination.address == other.destination.address)
    }
}
