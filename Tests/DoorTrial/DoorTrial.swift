internal import Egress
internal import Linux

/// Confines itself as the door does and then does one thing, which tests see it survive or not.
///
///     door-trial ACT
@main
enum DoorTrial {
    static func main() {
        let act = Arguments.commandLine().dropFirst().first ?? []
        // Made before, as the door's own are.
        guard let pipe = try? Files.pipe() else { Processes.exitNow(3) }
        do throws(DoorError) {
            try Confinement.enforce()
        } catch {
            Processes.exitNow(4)
        }
        do throws(Errno) {
            try perform(String(decoding: act, as: UTF8.self), pipe.first.number)
        } catch {
            // The kernel said no, and the process lives.
            Processes.exitNow(2)
        }
        Processes.exitNow(0)
    }

    private static func perform(_ act: String, _ pipe: Int32) throws(Errno) {
        let loopback = IPAddress(version4: 0x7f00_0001)
        switch act {
        case "nothing": return
        case "dial":
            let socket = try Streams.socket(towards: loopback)
            try Streams.setNoDelay(socket.number)
            _ = try? Streams.connect(socket.number, to: SocketEndpoint(loopback, 1))
            _ = Streams.pendingError(of: socket.number)
        case "ask":
            let socket = try Datagrams.socket(towards: IPAddress(high: 0, low: 1))
            try Datagrams.connect(socket.number, to: SocketEndpoint(IPAddress(high: 0, low: 1), 53))
            _ = try Streams.name(of: socket.number)
        case "move":
            let pipe = try Files.pipe()
            try? Files.setPipeCapacity(pipe.first.number, 65536)
            _ = try? Streams.splice(from: pipe.first.number, to: pipe.second.number, atMost: 1)
        case "memory": _ = [UInt8](repeating: 1, count: 64 << 20).count
        case "random": _ = UInt64.random(in: 0...UInt64.max)
        case "open": _ = try Files.open(CString("/etc/passwd"), [])
        case "stat": _ = try Files.status(CString("/"))
        case "execute":
            let empty = CStringArray([])
            throw Processes.execute(CString("/bin/true"), arguments: empty, environment: empty)
        case "fork": _ = try Processes.fork()
        case "kill": try Processes.signal(1, 0)
        case "unix": _ = try Sockets.pair()
        case "listen": _ = try Streams.listen(at: SocketEndpoint(loopback, 0))
        case "interfaces": try Datagrams.tellDestinations(pipe)
        case "session": try Processes.startSession()
        case "dumpable": try Processes.setDumpable(true)
        case "print": try Files.writeAll(1, [10])
        case "limit": try Processes.setLimit(.openFiles, soft: 9, hard: 9)
        default: Processes.exitNow(5)
        }
    }
}
