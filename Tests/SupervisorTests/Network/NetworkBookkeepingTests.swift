import Audit
import Linux
import Network
import Testing

@testable import Supervisor

@Suite("What is remembered of the network is bounded, and goes to whom it belongs")
struct NetworkBookkeepingTests {
    private static func end(_ number: UInt32, _ port: UInt16 = 443) -> SocketEndpoint {
        SocketEndpoint(IPAddress(version4: number), port)
    }

    private static func event(_ kind: NetworkEvent.Kind, client port: UInt16) -> NetworkEvent {
        NetworkEvent(kind, .transparent, client: end(0x7f00_0001, port), destination: end(9), port: 443)
    }

    @Test("of many attempts the last ones are known, the newest first")
    func attempts() {
        var attempts = ConnectionAttempts()
        for number in 0..<1000 {
            attempts.add(
                ConnectionAttempt(
                    thread: Int32(number), destination: Self.end(UInt32(number % 2)), time: Int64(number),
                    process: AuditedProcess(process: 1, name: [])))
            let found = attempts.towards(Self.end(UInt32(number % 2)), at: Int64(number))
            #expect(found.first?.thread == Int32(number))
            #expect(found.count == min(number / 2 + 1, 128))
        }
        #expect(attempts.towards(Self.end(7), at: 1000).isEmpty)
        #expect(attempts.towards(Self.end(1), at: 1000 + 5_000_000_000).isEmpty)
        #expect(attempts.towards(Self.end(1, 80), at: 1000).isEmpty)
    }

    @Test("a socket is whose it was when it was connected, whoever else names the same place")
    func sockets() {
        var attempts = ConnectionAttempts()
        for number in Int32(1)...300 {
            attempts.add(
                ConnectionAttempt(
                    thread: number, destination: Self.end(9),
                    socket: number == 299 ? nil : UInt32(number),
                    time: Int64(number), process: AuditedProcess(process: number, name: [])))
        }
        #expect(attempts.connecting(300, at: 300)?.process.process == 300)
        #expect(attempts.connecting(200, at: 300)?.process.process == 200)
        #expect(attempts.connecting(299, at: 300) == nil)
        // Too many came after it, or too much time has gone by.
        #expect(attempts.connecting(44, at: 300) == nil)
        #expect(attempts.connecting(300, at: 300 + 5_000_000_000)?.process.process == 300)
        #expect(attempts.connecting(300, at: 301 + 5_000_000_000) == nil)
    }

    @Test("what a link of /proc leads to is a socket, or nothing")
    func links() {
        #expect(SocketOwners.inode(inLink: Array("socket:[14967978]".utf8)) == 14_967_978)
        for other in [
            "socket:[]", "socket:[1", "socket:[-1]", "pipe:[7]", "/tmp/socket:[7]", "", "socket:[4294967296]",
        ] {
            #expect(SocketOwners.inode(inLink: Array(other.utf8)) == nil)
        }
    }

    @Test("a connection belongs to its process until it ends")
    func connections() {
        var open = OpenConnections()
        let curl = AuditedProcess(process: 7, name: Array("curl".utf8))
        open.note(Self.event(.allowed, client: 1), curl, at: 0)
        open.note(Self.event(.allowed, client: 2), nil, at: 0)
        #expect(open.process(of: Self.event(.closed, client: 1)) == .some(curl))
        #expect(open.process(of: Self.event(.closed, client: 2)) == .some(nil))
        #expect(open.process(of: Self.event(.closed, client: 3)) == nil)
        open.note(Self.event(.denied, client: 1), nil, at: 0)
        open.note(Self.event(.closed, client: 1), curl, at: 0)
        #expect(open.process(of: Self.event(.closed, client: 1)) == nil)
        #expect(!open.isEmpty)
        open.note(Self.event(.failed, client: 2), nil, at: 0)
        #expect(open.isEmpty)
    }

    @Test("when the door dies each of them breaks once")
    func broken() {
        var open = OpenConnections()
        for port in 1...5000 {
            open.note(Self.event(.allowed, client: UInt16(port)), nil, at: Int64(port) * 1_000_000)
        }
        let broken = open.breakAll(at: 6_000_000_000)
        #expect(broken.count == 2048)
        #expect(broken.allSatisfy { $0.event.kind == .failed && $0.event.errno == 104 })
        #expect(broken.first?.event.milliseconds == 5999)
        #expect(open.isEmpty)
        #expect(open.breakAll(at: 0).isEmpty)
    }

    @Test("hosts are counted exactly as long as they are named, and then as one number")
    func tally() {
        var tally = NetworkTally()
        for number in 0..<300 {
            for _ in 0..<2 { tally.connected(to: "\(number)") }
            tally.moved(10, .max, at: "\(number)")
            tally.moved(10, 1, at: "\(number)")
            tally.refused("\(number % 5)")
        }
        #expect(tally.contacted.count == 256)
        #expect(tally.contacted.allSatisfy { $0.count == 2 && $0.sent == 20 && $0.received == .max })
        #expect(tally.denied.map(\.count) == [60, 60, 60, 60, 60])
        #expect(tally.unnamed == 2 * 44)
    }

    @Test("an address in memory is one of the Internet, or nothing")
    func addresses() {
        let four: [UInt8] = [2, 0, 1, 187, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(SocketAddress.endpoint(four) == Self.end(0x0909_0909))
        #expect(SocketAddress.endpoint(Array(four.prefix(8))) == Self.end(0x0909_0909))
        #expect(SocketAddress.endpoint(Array(four.prefix(7))) == nil)
        let mapped: [UInt8] =
            [10, 0, 1, 187, 0, 0, 0, 0] + Self.end(0x0909_0909).address.bytes + [0, 0, 0, 0]
        #expect(SocketAddress.endpoint(mapped) == Self.end(0x0909_0909))
        #expect(SocketAddress.endpoint(Array(mapped.prefix(23))) == nil)
        #expect(SocketAddress.endpoint([1, 0] + Array("/run/x.sock".utf8)) == nil)
        #expect(SocketAddress.endpoint([0, 0] + Array(four.dropFirst(2))) == nil)
        #expect(SocketAddress.endpoint([]) == nil)
    }
}
