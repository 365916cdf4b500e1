import Linux
import Testing

@testable import Egress

@Suite("Bytes go from one socket to another, in bounded memory")
struct FlowTests {
    private struct Connection: ~Copyable {
        let first: FileDescriptor
        let second: FileDescriptor
    }

    /// A program, the two sockets of the door, and a server, all on the loopback.
    private final class Line {
        private let towardsProgram: Connection
        private let towardsServer: Connection
        var nearState: Readiness = [.readable, .writable]
        var farState: Readiness = [.readable, .writable]
        var flow = Flow()
        var pool = PipePool()
        private var scratch = [UInt8](repeating: 0, count: 65536)

        init() throws {
            towardsProgram = try Self.pair()
            towardsServer = try Self.pair()
            flow.limit = .max
        }

        var program: Int32 { towardsProgram.first.number }
        var near: Int32 { towardsProgram.second.number }
        var far: Int32 { towardsServer.first.number }
        var server: Int32 { towardsServer.second.number }
        var relayed: UInt64 { flow.relayed }
        var backlog: Int { flow.backlog }
        var isEnded: Bool { flow.isEnded }
        var lent: Int { pool.lent }

        private static func pair() throws -> Connection {
            let listener = try Streams.listen(at: SocketEndpoint(IPAddress(version4: 0x7f00_0001), 0))
            let place = try Streams.name(of: listener.number)
            let first = try Streams.socket(towards: place.address)
            _ = try? Streams.connect(first.number, to: place)
            try Poll.waitFor(listener.number, .readable)
            var peer = place
            let second = try Streams.accept(listener.number, from: &peer)
            return Connection(first: first, second: second)
        }

        func pump() -> Flow.Outcome {
            unsafe scratch.withUnsafeMutableBytes { scratch in
                unsafe flow.pump(from: near, &nearState, to: far, &farState, pool: &pool, scratch: scratch)
            }
        }

        /// Everything that the kernel would tell.
        func wake() {
            nearState.formUnion([.readable, .writable])
            farState.formUnion([.readable, .writable])
        }

        func received(_ count: Int) throws -> [UInt8] {
            var all: [UInt8] = []
            while all.count < count {
                try Poll.waitFor(server, .readable)
                let piece = try Files.read(server, atMost: 1 << 20)
                guard !piece.isEmpty else { break }
                all += piece
                wake()
                _ = pump()
            }
            return all
        }
    }

    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 / 3) }
    }

    @Test("what the door says itself comes before what it relays, and isn't counted")
    func own() throws {
        let line = try Line()
        _ = try Streams.send(line.program, Self.bytes(5)[...])
        try Poll.waitFor(line.near, .readable)
        line.flow.appendOwn(Array("hello ".utf8))
        _ = line.pump()
        #expect(try line.received(11) == Array("hello ".utf8) + Self.bytes(5))
        #expect(line.relayed == 5)
        #expect(line.backlog == 0)
    }

    @Test("nothing is read beyond the limit")
    func limit() throws {
        let line = try Line()
        line.flow.limit = 3
        _ = try Streams.send(line.program, Self.bytes(10)[...])
        try Poll.waitFor(line.near, .readable)
        _ = line.pump()
        #expect(try line.received(3).count == 3)
        #expect(line.relayed == 3)
        line.flow.limit = .max
        line.wake()
        _ = line.pump()
        #expect(try line.received(7).count == 7)
    }

    @Test("a server that doesn't read holds the program up, and loses nothing", arguments: [1000, 3_000_000])
    func slow(count: Int) throws {
        let line = try Line()
        let sent = Self.bytes(count)
        var rest = sent[...]
        // Until nothing more goes in anywhere.
        var idle = 0
        while !rest.isEmpty, idle < 50 {
            let went = (try? Streams.send(line.program, rest)) ?? 0
            rest = rest.dropFirst(went)
            idle = went == 0 ? idle + 1 : 0
            line.wake()
            _ = line.pump()
        }
        #expect(line.backlog <= PipePool.capacity + Flow.copied)
        var all: [UInt8] = []
        while all.count < sent.count {
            rest = rest.dropFirst((try? Streams.send(line.program, rest)) ?? 0)
            line.wake()
            _ = line.pump()
            all += (try? Files.read(line.server, atMost: 1 << 20)) ?? []
        }
        #expect(all == sent)
        _ = line.pump()
        #expect(line.lent == 0)
    }

    @Test("the end of one direction is passed on, and the other goes on")
    func halfClose() throws {
        let line = try Line()
        _ = try Streams.send(line.program, Self.bytes(3)[...])
        try Streams.end(line.program, .writing)
        try Poll.waitFor(line.near, .readable)
        line.nearState.insert(.peerEnded)
        _ = line.pump()
        #expect(line.isEnded)
        #expect(try line.received(4) == Self.bytes(3))
        #expect(try Streams.send(line.server, Self.bytes(1)[...]) == 1)
    }

    @Test("a reset of the program is told as one")
    func reset() throws {
        let line = try Line()
        _ = try Streams.send(line.program, Self.bytes(3)[...])
        Streams.resetOnClose(line.program)
        try Streams.end(line.program, .both)
        line.wake()
        _ = line.pump()
        line.wake()
        switch line.pump() {
        case .broken, .ended: break
        case .waiting, .again: Issue.record("the flow goes on")
        }
    }
}

extension Poll {
    fileprivate static func waitFor(_ descriptor: Int32, _ events: Events) throws(Errno) {
        var entries = [Entry(descriptor, events)]
        _ = try wait(&entries, nanoseconds: 5_000_000_000)
    }
}
