internal import Linux
internal import Network

/// Finds the addresses of names outside: hosts(5) first, then the servers of resolv.conf(5); never the C library's
/// resolver, which would load modules, read files and wait.
///
/// Only a name that was decided to be allowed can be asked for. An answer counts only from the server that was asked,
/// for the question that was asked, with its number and the case of its letters.
struct NameResolver: ~Copyable {
    private var queue: EventQueue
    private var configuration: ResolverConfiguration
    private var hosts: HostsFile
    private var cache = NameCache()
    private var lookups: [UInt64: NameLookup] = [:]
    private var lookupOfName: [DomainName: UInt64] = [:]
    private var lookupOfTicket: [UInt64: UInt64] = [:]
    /// Lookups that haven't asked yet, because enough others have.
    private var waiting: [UInt64] = []
    private var exchanges: [UInt64: NameExchange] = [:]
    private var finished: [(ticket: UInt64, answer: ResolverAnswer)] = []
    private var nextNumber: UInt64 = 1
    /// The server that is asked first: one that didn't answer isn't, for a while.
    private var first = (server: 0, until: Int64.min)

    /// How long a program waits at most for a name.
    static let longestLookup: Int64 = 5_000_000_000
    /// How long the other kind of addresses is waited for once there are some.
    static let longestPatience: Int64 = 250_000_000
    /// How long a server that didn't answer isn't the first one asked.
    private static let avoidance: Int64 = 30_000_000_000
    /// The most names that are asked for at once, two sockets each.
    static let mostAtOnce = 128
    /// The most names that are waited for.
    static let mostLookups = 1024

    /// Reads what the settings have of the host's files.
    init(_ settings: DoorSettings) throws(Errno) {
        try self.init(
            configuration: ResolverConfiguration(settings.resolver), hosts: HostsFile(settings.hostsFile))
    }

    /// Begins with servers of one's own choice.
    init(configuration: ResolverConfiguration, hosts: HostsFile = HostsFile([])) throws(Errno) {
        queue = try EventQueue()
        self.configuration = configuration
        self.hosts = hosts
    }

    /// Readable while there is something to serve.
    var descriptor: Int32 { queue.descriptor.number }

    /// When it has to be served although nothing became readable; nil without such a time.
    var deadline: Int64? {
        if !finished.isEmpty { return 0 }
        let times = lookups.values.map { min($0.deadline, $0.patience ?? .max) }
        return (times + exchanges.values.map(\.deadline)).min()
    }

    /// The host's files have changed. What is being asked goes on with the servers that it began with.
    mutating func configure(resolver: [UInt8], hosts: [UInt8]) {
        configuration = ResolverConfiguration(resolver)
        self.hosts = HostsFile(hosts)
        cache = NameCache()
        first = (0, .min)
    }

    /// Asks for the addresses of a name.
    ///
    /// - Parameters:
    ///   - permitted: the name.
    ///   - ticket: comes back with the answer; of no other question that is still open.
    ///   - now: the monotonic clock's time.
    /// - Returns: the answer where it is known; otherwise it comes from `serve`.
    mutating func resolve(_ permitted: PermittedName, ticket: UInt64, now: Int64) -> ResolverAnswer? {
        let name = permitted.name
        if let known = hosts[name] { return .addresses(known) }
        if let known = cache.answer(to: name, now: now) { return known }
        if let number = lookupOfName[name], let lookup = lookups[number] {
            lookup.tickets.append(ticket)
            lookupOfTicket[ticket] = number
            return nil
        }
        guard lookups.count < Self.mostLookups else { return .failed(.busy) }
        let lookup = NameLookup(
            name, for: ticket, servers: order(now), timeout: configuration.timeout,
            deadline: now + Self.longestLookup)
        let number = takeNumber()
        lookups[number] = lookup
        lookupOfName[name] = number
        lookupOfTicket[ticket] = number
        waiting.append(number)
        startWaiting(now)
        return takeFinished(ticket)
    }

    /// Nobody waits for this ticket any more.
    mutating func cancel(ticket: UInt64) {
        finished.removeAll { $0.ticket == ticket }
        guard let number = lookupOfTicket.removeValue(forKey: ticket), let lookup = lookups[number]
        else { return }
        lookup.tickets.removeAll { $0 == ticket }
        if lookup.tickets.isEmpty { remove(number) }
    }

    /// Goes on with what is there.
    ///
    /// - Returns: the answers that have come.
    mutating func serve(now: Int64) -> [(ticket: UInt64, answer: ResolverAnswer)] {
        let count = (try? queue.wait(nanoseconds: 0)) ?? 0
        for index in 0..<count {
            let number = queue[index].number
            guard let exchange = exchanges[number] else { continue }
            take(exchange.proceed(in: queue, number: number), of: number, now)
        }
        for (number, exchange) in exchanges where exchange.deadline <= now {
            avoid(exchange.server, now)
            fail(number, .timedOut, now)
        }
        for number in Array(lookups.keys) { finish(number, now) }
        startWaiting(now)
        defer { finished = [] }
        return finished
    }
}

extension NameResolver {
    private mutating func takeNumber() -> UInt64 {
        defer { nextNumber += 1 }
        return nextNumber
    }

    private mutating func takeFinished(_ ticket: UInt64) -> ResolverAnswer? {
        guard let index = finished.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return finished.remove(at: index).answer
    }

    /// Each server as often as it may be asked.
    private mutating func order(_ now: Int64) -> [SocketEndpoint] {
        let servers = configuration.servers
        if configuration.rotates {
            first = ((first.server + 1) % servers.count, .max)
        } else if first.until <= now {
            first = (0, .min)
        }
        let round = servers[first.server...] + servers[..<first.server]
        return (0..<configuration.attempts).flatMap { _ in round }
    }

    /// A server didn't answer in time: the one after it comes first for a while, unless another does already.
    private mutating func avoid(_ server: SocketEndpoint, _ now: Int64) {
        let servers = configuration.servers
        guard servers.count > 1, servers.firstIndex(of: server) == first.server else { return }
        first = ((first.server + 1) % servers.count, now + Self.avoidance)
    }

    private mutating func startWaiting(_ now: Int64) {
        while !waiting.isEmpty, lookups.count - waiting.count < Self.mostAtOnce {
            let number = waiting.removeFirst()
            guard let lookup = lookups[number] else { continue }
            for half in lookup.halves.indices { ask(number, half, isStream: false, now) }
            finish(number, now)
        }
    }

    /// Asks the next server that can be asked for one kind of address, or the same one again over TCP.
    private mutating func ask(_ number: UInt64, _ half: Int, isStream: Bool, _ now: Int64) {
        guard let lookup = lookups[number] else { return }
        while true {
            let tries = lookup.halves[half].tries - (isStream ? 1 : 0)
            guard tries < lookup.servers.count else {
                lookup.halves[half].failure = lookup.halves[half].lastFailure
                return
            }
            lookup.halves[half].tries = tries + 1
            let own = takeNumber()
            do throws(Errno) {
                let exchange = try NameExchange(
                    lookup: number, question: lookup.halves[half].question, server: lookup.servers[tries],
                    isStream: isStream, deadline: min(now + lookup.timeout, lookup.deadline))
                try exchange.register(in: queue, number: own)
                exchanges[own] = exchange
                lookup.halves[half].exchange = own
                return
            } catch {
                lookup.halves[half].lastFailure = .unreachable
                if isStream { return ask(number, half, isStream: false, now) }
            }
        }
    }

    private mutating func take(_ progress: NameExchange.Progress, of number: UInt64, _ now: Int64) {
        switch progress {
        case .waiting: return
        case .unreachable: fail(number, .unreachable, now)
        case .answered(let answer): take(answer, of: number, now)
        }
    }

    private mutating func take(_ answer: NameAnswer, of number: UInt64, _ now: Int64) {
        switch answer {
        case .refused: fail(number, .refused, now)
        case .malformed, .foreign: fail(number, .malformed, now)
        case .truncated, .unproven:
            guard let (lookup, half) = close(number) else { return }
            ask(lookup, half, isStream: true, now)
        case .addresses, .nothing:
            guard let (number, half) = close(number), let lookup = lookups[number] else { return }
            lookup.halves[half].answer = answer
            if lookup.halves[half].hasAddresses { lookup.patience = now + Self.longestPatience }
        }
    }

    /// The server won't help: the next one is asked.
    private mutating func fail(_ number: UInt64, _ failure: ResolverFailure, _ now: Int64) {
        guard let (number, half) = close(number), let lookup = lookups[number] else { return }
        lookup.halves[half].lastFailure = failure
        ask(number, half, isStream: false, now)
    }

    /// Ends an exchange; which half of which lookup it was for.
    private mutating func close(_ number: UInt64) -> (lookup: UInt64, half: Int)? {
        guard let exchange = exchanges.removeValue(forKey: number), let lookup = lookups[exchange.lookup],
            let half = lookup.halves.firstIndex(where: { $0.exchange == number })
        else { return nil }
        lookup.halves[half].exchange = nil
        return (exchange.lookup, half)
    }

    /// Gives out the answer of a lookup, if there is one.
    private mutating func finish(_ number: UInt64, _ now: Int64) {
        guard let lookup = lookups[number], let (answer, seconds) = lookup.answer(now: now) else { return }
        cache.keep(answer, for: lookup.name, seconds: seconds, now: now)
        finished += lookup.tickets.map { ($0, answer) }
        remove(number)
    }

    private mutating func remove(_ number: UInt64) {
        guard let lookup = lookups.removeValue(forKey: number) else { return }
        for half in lookup.halves { if let exchange = half.exchange { exchanges[exchange] = nil } }
        for ticket in lookup.tickets { lookupOfTicket[ticket] = nil }
        lookupOfName[lookup.name] = nil
        waiting.removeAll { $0 == number }
    }
}
