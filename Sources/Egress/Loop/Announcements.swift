internal import Linux
internal import Network

/// What the supervisor is told, and how far it has written that down.
struct Announcements: ~Copyable {
    private let socket: Int32
    private let progress: SharedProgress
    /// The number that the supervisor was asked to tell of; 0 is none.
    private var awaited: UInt64 = 0
    private var unsent: [[UInt8]] = []
    private var next = 0
    /// The number of the last event.
    private(set) var last: UInt64 = 0
    /// Everything up to this number is with the kernel.
    private(set) var recorded: UInt64 = 0
    /// The supervisor is gone.
    private(set) var isLost = false

    init(socket: Int32, _ progress: consuming SharedProgress) {
        self.socket = socket
        self.progress = progress
    }

    /// How many packets the socket had no room for yet.
    var backlog: Int { unsent.count - next }

    /// Tells of an event.
    ///
    /// - Returns: its number, to wait for.
    mutating func announce(_ event: NetworkEvent) -> UInt64 {
        last += 1
        send(.event(last, event))
        return last
    }

    /// Sends a packet, or keeps it until there is room.
    mutating func send(_ message: DoorMessage) {
        let packet = message.encoded
        flush()
        guard !isLost, backlog > 0 || !sends(packet) else { return }
        unsent.append(packet)
    }

    /// Whether there was room for a packet, or nobody to take it any more.
    private mutating func sends(_ packet: [UInt8]) -> Bool {
        do throws(Errno) {
            _ = try Streams.send(socket, packet[...])
            return true
        } catch .again {
            return false
        } catch {
            isLost = true
            return true
        }
    }

    /// Sends what there is room for.
    mutating func flush() {
        guard next < unsent.count else { return }
        while next < unsent.count {
            guard sends(unsent[next]), !isLost else { return }
            next += 1
        }
        unsent.removeAll(keepingCapacity: true)
        next = 0
    }

    /// The supervisor has written down everything up to here. What it can't have been told of yet it can't have
    /// written.
    mutating func confirm(_ number: UInt64) {
        recorded = max(recorded, min(number, last))
    }

    /// Looks how far the supervisor has come.
    mutating func look() { confirm(progress.reached) }

    /// Has the supervisor tell when it has come to this number; nil is when nobody waits for that.
    ///
    /// - Returns: false when it has come there already, and tells nothing.
    mutating func ask(for number: UInt64?) -> Bool {
        let wanted = number ?? 0
        // Of what it was asked before, and hasn't told yet, it need not be asked again.
        guard wanted != awaited else { return true }
        awaited = wanted
        guard progress.await(wanted), wanted != 0 else { return true }
        look()
        return false
    }

    /// The next packet; nil when there is none, and when the other end is closed.
    mutating func receive(_ scratch: UnsafeMutableRawBufferPointer) -> DoorMessage? {
        do throws(Errno) {
            let count = try unsafe Streams.receive(socket, into: scratch)
            guard count > 0, let message = unsafe DoorMessage(encoded: Array(scratch[..<count])) else {
                isLost = true
                return nil
            }
            return message
        } catch .again {
            return nil
        } catch {
            isLost = true
            return nil
        }
    }
}
