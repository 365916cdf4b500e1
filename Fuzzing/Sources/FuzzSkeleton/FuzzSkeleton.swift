internal import Audit
internal import Fuzzer
@testable internal import Linux
internal import Profile
@testable internal import Sandbox
@testable internal import Supervisor

/// What arrives from the kernel on behalf of a process inside, and what its memory and its line in /proc hold.
@main
enum FuzzSkeleton {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            FuzzSkeleton.checkRequest(bytes)
            FuzzSkeleton.checkSession(bytes)
            FuzzSkeleton.checkCall(bytes)
            return 0
        }
    }

    private static let mostPhantoms = 4

    private static func server(hides: Bool, notificationsOn: Bool) -> SkeletonServer {
        func node(_ path: String, _ kind: SkeletonNode.Kind) -> SkeletonNode? {
            AbsolutePath(path).map { SkeletonNode(path: $0, kind: kind) }
        }
        let nodes = [
            node("/root/usr", .directory), node("/root/etc", .directory), node("/root/etc/passwd", .file),
            node("/root/bin", .link(Array("usr/bin".utf8))),
        ]
        let mask = AbsolutePath("/w/secret").map {
            ViewMount(
                destination: $0, source: .scratch([]), access: .none, reason: .mask,
                origin: Origin(authority: .user, source: "fuzz"), isDirectory: true)
        }
        let view = View(
            mounts: mask.map { [$0] } ?? [], nodes: nodes.compactMap { $0 }, links: [], skipped: [],
            files: [],
            watched: [], held: HeldPlaces([]))
        let settings = SkeletonSettings(
            hides: hides, notificationsOn: notificationsOn, user: 1, group: 1, time: 0)
        return SkeletonServer(view, settings, mostPhantoms: mostPhantoms)
    }

    /// One request of any bytes.
    private static func checkRequest(_ bytes: [UInt8]) {
        var server = server(hides: false, notificationsOn: true)
        var host = FuzzHost(bytes: bytes)
        check(&server, bytes, &host)
    }

    /// Several requests to one server, with the bytes as their fields: nodes that exist, names that repeat.
    private static func checkSession(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        var server = server(hides: first & 1 != 0, notificationsOn: first & 2 != 0)
        var host = FuzzHost(bytes: bytes)
        var rest = bytes.dropFirst()
        while rest.count >= 4 {
            let fields = Array(rest.prefix(4))
            rest = rest.dropFirst(4)
            let length = min(Int(fields[3] & 31), rest.count)
            var writer = FuseWriter()
            writer.word(UInt32(FuseRequest.headerSize + length + 1))
            writer.word(UInt32(fields[0] & 63))
            writer.long(UInt64(fields[3]) + 1)
            writer.long(UInt64(fields[1] & 31))
            writer.long(0)
            writer.word(UInt32(fields[2] & 3))
            writer.word(0)
            writer.append(rest.prefix(length))
            writer.append([0])
            rest = rest.dropFirst(length)
            check(&server, writer.bytes, &host)
        }
    }

    private static func check(_ server: inout SkeletonServer, _ bytes: [UInt8], _ host: inout FuzzHost) {
        let request = FuseRequest(bytes)
        let before = host.events
        let answer = server.answer(bytes, FuzzTasks(bytes: bytes), &host)
        Fuzzer.check(server.phantoms.count <= mostPhantoms, "the table has grown")
        Fuzzer.check(host.events - before <= 1, "one request, \(host.events - before) events")
        guard let request else {
            return Fuzzer.check(answer == nil, "an answer to what is no request")
        }
        switch request.operation {
        case .forget, .notice:
            Fuzzer.check(answer == nil, "an answer to what is told")
        default:
            guard let answer else { fatalError("no answer to \(request.operation)") }
            checkAnswer(answer, to: request)
        }
    }

    /// The kernel drops an answer whose length is none of those that it expects.
    private static func checkAnswer(_ answer: [UInt8], to request: FuseRequest) {
        var reader = FuseReader(answer[...])
        let length = reader.word()
        let error = Int32(bitPattern: reader.word() ?? 1)
        Fuzzer.check(length == UInt32(answer.count), "a wrong length")
        Fuzzer.check(reader.long() == request.number, "an answer to somebody else")
        Fuzzer.check(error <= 0 && error > -4096, "\(error) is no errno")
        let body = answer.count - FuseReply.headerSize
        if error != 0 { return Fuzzer.check(body == 0, "a failure with a body") }
        switch request.operation {
        case .lookUp: Fuzzer.check(body == 128, "struct fuse_entry_out")
        case .attributes: Fuzzer.check(body == 104, "struct fuse_attr_out")
        case .openDirectory, .openFile: Fuzzer.check(body == 16, "struct fuse_open_out")
        case .statistics: Fuzzer.check(body == 80, "struct fuse_kstatfs")
        case .initialize: Fuzzer.check(body == 64, "struct fuse_init_out")
        case .list(_, let size, _): Fuzzer.check(body <= Int(size), "more than was asked for")
        case .readLink: Fuzzer.check(body < 4096, "a link of a page")
        default: Fuzzer.check(body == 0, "a body that nobody expects")
        }
    }

    /// A line of /proc/TID/syscall, and a path in a caller's memory.
    private static func checkCall(_ bytes: [UInt8]) {
        guard case .call(let call) = PendingCall.read(bytes) else { return }
        Fuzzer.check(call.arguments.count == 6, "six arguments, always")
        guard let path = PathCall(number: call.number) else { return }
        for argument in path.paths {
            let found = FuzzTasks(bytes: bytes).path(argument, of: call, by: 2)
            Fuzzer.check(found.map { AbsolutePath($0.bytes) == $0 } ?? true, "a path that isn't one")
        }
    }
}

/// A host whose answers follow from the path, and that only counts what happens.
struct FuzzHost: SkeletonSurroundings {
    let bytes: [UInt8]
    var events = 0

    mutating func hostAnswer(at path: AbsolutePath) -> HostAnswer {
        let choice = path.bytes.reduce(bytes.first ?? 0) { $0 &+ $1 } % 6
        switch choice {
        case 0: return .missing
        case 1: return .notProbed
        case 2: return .unreadable
        case 3: return .link(Array("target".utf8))
        default:
            let place = choice == 4 ? "/" : "/proc/self/status"
            return (try? Files.status(CString(place))).map { .found($0) } ?? .missing
        }
    }

    mutating func take(_ event: SkeletonEvent) { events += 1 }
}

/// Callers whose calls and memory are the input.
struct FuzzTasks: TaskObserver {
    let bytes: [UInt8]

    func call(of thread: Int32) -> PendingCall? {
        guard bytes.count > 8 else { return nil }
        let arguments = (0..<6).map { UInt64(bytes[$0]) << 3 }
        return PendingCall(number: UInt64(bytes[6]) | UInt64(bytes[7] & 1) << 8, arguments: arguments)
    }

    func actor(of thread: Int32) -> AuditedProcess { AuditedProcess(process: thread, name: bytes) }

    func memory(of thread: Int32, at address: UInt64, count: Int) -> [UInt8]? {
        guard address < UInt64(bytes.count) else { return nil }
        return Array(bytes[Int(address)...].prefix(count))
    }

    func directory(of thread: Int32, descriptor: Int32?) -> AbsolutePath? { AbsolutePath(bytes) }
}
