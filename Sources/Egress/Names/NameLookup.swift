internal import Linux
internal import Network

/// A name whose addresses are being asked for: both kinds at once, from one server after the other.
final class NameLookup {
    /// What is known of one kind of address.
    struct Half {
        let question: NameQuestion
        /// How many servers have been asked; past the last one the half has failed.
        var tries = 0
        /// The exchange under way.
        var exchange: UInt64?
        /// What a server answered: addresses or nothing.
        var answer: NameAnswer?
        /// Why no server did; nil while there is hope.
        var failure: ResolverFailure?
        /// What went wrong last.
        var lastFailure = ResolverFailure.unreachable

        /// Whether nothing more comes.
        var isOver: Bool { answer != nil || failure != nil }
    }

    let name: DomainName
    /// Who waits for it.
    var tickets: [UInt64]
    /// Each server as often as it may be asked, in order.
    let servers: [SocketEndpoint]
    /// How long one of them is waited for.
    let timeout: Int64
    /// Until when there has to be an answer.
    let deadline: Int64
    /// Until when the other half is waited for, once one has addresses.
    var patience: Int64?
    /// IPv4 and IPv6.
    var halves: [Half]

    init(
        _ name: DomainName, for ticket: UInt64, servers: [SocketEndpoint], timeout: Int64, deadline: Int64
    ) {
        self.name = name
        tickets = [ticket]
        self.servers = servers
        self.timeout = timeout
        self.deadline = deadline
        let wire = WireName(name)
        halves = [.a, .aaaa].map { Half(question: NameQuestion(name: wire, type: $0)) }
    }

    /// The answer and for how many seconds it holds; nil while it is worth waiting.
    func answer(now: Int64) -> (ResolverAnswer, seconds: UInt32)? {
        // A name that isn't there has no other kind of address.
        for half in halves {
            if case .nothing(isName: false, let seconds) = half.answer,
                !halves.contains(where: \.hasAddresses)
            {
                return (.notFound, seconds)
            }
        }
        let isOver = halves.allSatisfy(\.isOver) || now >= deadline || patience.map { now >= $0 } ?? false
        guard isOver else { return nil }
        var addresses: [IPAddress] = []
        var seconds = UInt32.max
        for case .addresses(let found, let time) in halves.map(\.answer) {
            addresses += found
            seconds = min(seconds, time)
        }
        if !addresses.isEmpty { return (.addresses(addresses), seconds) }
        for half in halves where half.answer == nil {
            return (.failed(half.failure ?? .timedOut), 0)
        }
        for case .nothing(_, let time) in halves.map(\.answer) { seconds = min(seconds, time) }
        return (.noAddress, seconds)
    }
}

extension NameLookup.Half {
    /// Whether a server gave addresses.
    var hasAddresses: Bool { if case .addresses = answer { true } else { false } }
}
