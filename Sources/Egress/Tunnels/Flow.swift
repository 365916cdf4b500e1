internal import Linux

/// One direction of a connection.
///
/// What the door itself has to send goes first; then, as far as ``limit`` lets it, what the source sends. Little is
/// copied through a buffer, since two calls do it and nothing is kept; more is spliced through a pipe, whose size is
/// what a slow reader holds up.
struct Flow: ~Copyable {
    /// How it went.
    enum Outcome {
        /// Nothing more can be done until the kernel tells of something.
        case waiting
        /// Others' turn; there is more to do.
        case again
        /// The end was passed on.
        case ended
        /// The source was reset, or the sink.
        case broken(Errno)
    }

    /// To be sent before anything else; empty for most of a connection's life.
    private(set) var pending: [UInt8] = []
    private var sent = 0
    private var pipe: Pipe?
    /// How many more bytes of the source may be read and relayed.
    var limit: UInt64 = 0
    /// How many bytes have reached the sink, the door's own included.
    private var total: UInt64 = 0
    private var own: UInt64 = 0
    /// The source's end was read.
    private(set) var sourceEnded = false
    /// The end was passed on.
    private(set) var isEnded = false
    /// The last turn moved much, so the next begins with a pipe.
    private var isBulk = false

    /// Up to here bytes are copied.
    static let copied = 16 * 1024
    /// How much is moved before others have a turn.
    private static let turn = 1 << 20

    /// How much waits to be sent.
    var backlog: Int { pending.count - sent + (pipe?.filled ?? 0) }

    /// How many bytes of the source have reached the sink.
    var relayed: UInt64 { total - min(own, total) }

    /// Has bytes sent that nobody but the door says.
    mutating func appendOwn(_ bytes: [UInt8]) {
        own += UInt64(bytes.count)
        append(bytes)
    }

    /// Has bytes sent that were read before.
    mutating func append(_ bytes: some Collection<UInt8>) {
        if sent == pending.count {
            pending.removeAll(keepingCapacity: false)
            sent = 0
        }
        pending += bytes
    }

    /// The source was read to its end by somebody else.
    mutating func endSource() { sourceEnded = true }

    /// Forgets what waits to be sent: the sink is gone, and the next one is another.
    mutating func drop(giveBackTo pool: inout PipePool) {
        pending = []
        sent = 0
        release(to: &pool)
    }

    /// Begins to count anew, for another server.
    mutating func restart() {
        total = 0
        own = UInt64(pending.count - sent)
    }

    /// Gives everything back that isn't needed while nothing moves.
    mutating func release(to pool: inout PipePool) {
        if let pipe { pool.giveBack(pipe) }
        pipe = nil
    }

    /// Moves what can be moved. When it is the last direction (`isLast`), its end needs no call of its own: everything
    /// that the sink sent has been read, so closing it says the rest.
    mutating func pump(
        from source: Int32, _ sourceState: inout Readiness, to sink: Int32, _ sinkState: inout Readiness,
        pool: inout PipePool, scratch: UnsafeMutableRawBufferPointer, isLast: Bool = false
    ) -> Outcome {
        var moved = 0
        do throws(Errno) {
            while true {
                let before = total
                guard try sendPending(sink, &sinkState), try drainPipe(sink, &sinkState) else {
                    return .waiting
                }
                moved += Int(total - before)
                if sourceEnded {
                    release(to: &pool)
                    guard !isEnded else { return .ended }
                    isEnded = true
                    // Fails when the other side is gone altogether, which its own direction finds.
                    if !isLast { try? Streams.end(sink, .writing) }
                    return .ended
                }
                guard sourceState.contains(.readable), limit > 0 else {
                    release(to: &pool)
                    isBulk = moved > 4 * Self.copied
                    return .waiting
                }
                if moved >= Self.turn { return .again }
                try unsafe read(source, &sourceState, sink, &sinkState, pool: &pool, scratch: scratch)
            }
        } catch {
            release(to: &pool)
            return .broken(error)
        }
    }

    /// Whether nothing is left of the door's own bytes.
    private mutating func sendPending(_ sink: Int32, _ state: inout Readiness) throws(Errno) -> Bool {
        while sent < pending.count {
            guard state.contains(.writable) else { return false }
            do throws(Errno) {
                let count = try Streams.send(sink, pending[sent...])
                sent += count
                total += UInt64(count)
            } catch .again {
                state.remove(.writable)
            }
        }
        if sent > 0 {
            pending = []
            sent = 0
        }
        return true
    }

    /// Whether the pipe is empty.
    private mutating func drainPipe(_ sink: Int32, _ state: inout Readiness) throws(Errno) -> Bool {
        guard let pipe else { return true }
        while pipe.filled > 0 {
            guard state.contains(.writable) else { return false }
            do throws(Errno) {
                let count = try Streams.splice(from: pipe.ends.first.number, to: sink, atMost: pipe.filled)
                pipe.filled -= count
                total += UInt64(count)
            } catch .again {
                state.remove(.writable)
            }
        }
        return true
    }

    /// Reads once, into the pipe or past it; here the pipe is empty.
    private mutating func read(
        _ source: Int32, _ sourceState: inout Readiness, _ sink: Int32, _ sinkState: inout Readiness,
        pool: inout PipePool, scratch: UnsafeMutableRawBufferPointer
    ) throws(Errno) {
        if isBulk, pipe == nil { pipe = pool.take() }
        do throws(Errno) {
            let count: Int
            if let pipe {
                let most = Int(min(limit, UInt64(PipePool.capacity)))
                count = try Streams.splice(from: source, to: pipe.ends.second.number, atMost: most)
                pipe.filled = count
            } else {
                let most = Int(min(limit, UInt64(Self.copied)))
                let buffer = unsafe UnsafeMutableRawBufferPointer(rebasing: scratch[..<most])
                count = try unsafe Streams.receive(source, into: buffer)
                isBulk = count == Self.copied
                // A stream that gave less than was asked for has no more, unless its end is behind it: then the
                // kernel has told of that, or is going to.
                if count < most, !sourceState.contains(.peerEnded) { sourceState.remove(.readable) }
                try unsafe send(UnsafeRawBufferPointer(rebasing: buffer[..<count]), sink, &sinkState)
            }
            if count == 0 { sourceEnded = true }
            limit -= UInt64(count)
        } catch .again {
            sourceState.remove(.readable)
        }
    }

    /// Sends what was copied, and keeps what there is no room for.
    private mutating func send(
        _ bytes: UnsafeRawBufferPointer, _ sink: Int32, _ state: inout Readiness
    ) throws(Errno) {
        guard bytes.count > 0 else { return }
        var count = 0
        if state.contains(.writable) {
            do throws(Errno) {
                count = try unsafe Streams.send(sink, bytes)
            } catch .again {
                state.remove(.writable)
            }
        }
        total += UInt64(count)
        if count < bytes.count { unsafe append(bytes[count...]) }
    }
}
