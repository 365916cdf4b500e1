internal import Linux

/// What is known of one socket of a connection since the kernel told of it last.
struct Readiness: OptionSet {
    let rawValue: UInt8

    /// It may have something to read.
    static let readable = Readiness(rawValue: 1)
    /// It may have room to write.
    static let writable = Readiness(rawValue: 2)
    /// It is in the queue.
    static let isWatched = Readiness(rawValue: 4)
    /// The other side has sent its end, or a reset.
    static let peerEnded = Readiness(rawValue: 8)

    /// Adds what an event told.
    mutating func add(_ happened: EventQueue.Interest) {
        if !happened.isDisjoint(with: [.readable, .peerEnded, .failed, .hungUp]) { insert(.readable) }
        if !happened.isDisjoint(with: [.writable, .failed, .hungUp]) { insert(.writable) }
        if !happened.isDisjoint(with: [.peerEnded, .failed, .hungUp]) { insert(.peerEnded) }
    }
}
