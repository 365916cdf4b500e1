/// Who was reached and who wasn't, counted for what is said at the end of a session: bounded, however many.
public struct NetworkTally: Sendable {
    /// A host and a port, and how often.
    public struct Host: Sendable {
        /// `HOST:PORT`, in printable characters.
        public let name: String
        /// How many connections were let through, or how often it was refused.
        public internal(set) var count = 0
        /// Bytes from the programs inside.
        public internal(set) var sent: UInt64 = 0
        /// Bytes to them.
        public internal(set) var received: UInt64 = 0
    }

    /// How many of each are named. Of more, those seen first are.
    static let mostHosts = 256

    /// Those that were reached, in the order in which they were first.
    public private(set) var contacted: [Host] = []
    /// Those that were refused likewise.
    public private(set) var denied: [Host] = []
    /// How many of both aren't named.
    public private(set) var unnamed = 0
    /// How often the door died.
    public internal(set) var deaths = 0
    /// How it did the last time, a sentence.
    public internal(set) var lastDeath: String?
    private var places: [[String: Int]] = [[:], [:]]

    /// Nothing yet.
    public init() {}

    /// Counts one that was let through.
    mutating func connected(to name: String) {
        Self.change(&contacted, &places[0], name, &unnamed) { $0.count += 1 }
    }

    /// Counts what one that has ended moved.
    mutating func moved(_ sent: UInt64, _ received: UInt64, at name: String) {
        guard let place = places[0][name] else { return }
        contacted[place].sent = Self.sum(contacted[place].sent, sent)
        contacted[place].received = Self.sum(contacted[place].received, received)
    }

    /// Counts one that was refused.
    mutating func refused(_ name: String) {
        Self.change(&denied, &places[1], name, &unnamed) { $0.count += 1 }
    }

    private static func change(
        _ hosts: inout [Host], _ places: inout [String: Int], _ name: String, _ unnamed: inout Int,
        _ body: (inout Host) -> Void
    ) {
        if let place = places[name] {
            body(&hosts[place])
        } else if hosts.count < mostHosts {
            places[name] = hosts.count
            hosts.append(Host(name: name))
            body(&hosts[hosts.count - 1])
        } else {
            unnamed += 1
        }
    }

    private static func sum(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let (sum, isTooLarge) = one.addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
