/// What was denied in a session, counted for what is said at its end: bounded, however much it is.
public struct DenialTally: Sendable {
    /// The kinds that are counted apart.
    public enum Kind: Int, CaseIterable, Sendable {
        /// Reading, listing, executing.
        case reads
        /// Everything that changes a file, a directory or their attributes.
        case writes
        /// System calls.
        case calls
        /// Sockets, by kind or by path.
        case sockets
        /// Connections, and questions for names.
        case network
    }

    /// One thing that was denied, perhaps often.
    public struct Entry: Sendable {
        /// A sentence.
        public let message: String
        /// The line that denies it, with its place; nil when it is denied because no line names it.
        public let rule: String?
        /// The smallest line of a profile that would allow it; nil if nothing may.
        public let fix: String?
        /// How often.
        public internal(set) var count: Int
    }

    /// How many different ones are kept. Of more, those seen first are: what is counted is exact all the same.
    static let mostEntries = 256

    private var counts = [Int](repeating: 0, count: Kind.allCases.count)
    private var positions: [String: Int] = [:]
    private var entries: [Entry] = []

    /// Nothing yet.
    public init() {}

    /// All of them together.
    public var total: Int { counts.reduce(0, +) }

    /// Those of one kind.
    public func count(of kind: Kind) -> Int { counts[kind.rawValue] }

    /// Counts one.
    ///
    /// - Parameters:
    ///   - kind: what it is counted as.
    ///   - message: what is said of it; the same message is the same thing.
    ///   - rule: the line that denies it, with its place, if one does.
    ///   - fix: the line that would allow it.
    public mutating func add(_ kind: Kind, _ message: String, rule: String? = nil, fix: String?) {
        counts[kind.rawValue] += 1
        if let position = positions[message] {
            entries[position].count += 1
        } else if entries.count < Self.mostEntries {
            positions[message] = entries.count
            entries.append(Entry(message: message, rule: rule, fix: fix, count: 1))
        }
    }

    /// The most useful ones to know: first those that a line would allow, and of these the newest.
    ///
    /// What a program died of is what it hadn't tried before. A shell's start-up file, denied again with each command,
    /// comes last even when it was denied last.
    public func mostUseful(_ number: Int) -> [Entry] {
        let newest = entries.reversed()
        return Array((newest.filter { $0.fix != nil } + newest.filter { $0.fix == nil }).prefix(number))
    }
}
