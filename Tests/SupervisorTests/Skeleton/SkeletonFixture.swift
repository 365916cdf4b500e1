import Audit
import Linux
import Profile

@testable import Sandbox
@testable import Supervisor

/// A skeleton with a mount point in /usr, /etc/passwd, the link /bin, and two masks in the grant /w; the host
/// and the callers are what a test says.
struct SkeletonFixture {
    var server: SkeletonServer
    var host = TestSurroundings()
    var tasks = TestTasks()

    /// The thread that tests act as unless they say so.
    static let thread: Int32 = 7

    init(hides: Bool = false, notificationsOn: Bool = true, mostPhantoms: Int = 65_536) {
        let status = { (isDirectory: Bool) in
            ViewMount(
                destination: testPath(isDirectory ? "/w/secret" : "/w/.env"),
                source: .scratch(Array("mask/\(isDirectory ? "directory" : "file")".utf8)), access: .none,
                reason: .mask, origin: Origin(authority: .user, source: "test"), isDirectory: isDirectory)
        }
        let nodes: [SkeletonNode] = [
            Self.node("/root/usr", .directory), Self.node("/root/etc", .directory),
            Self.node("/root/etc/passwd", .file), Self.node("/root/bin", .link(Array("usr/bin".utf8))),
            Self.node("/root/w", .directory), Self.node("/tmp/elsewhere", .directory),
        ]
        let view = View(
            mounts: [status(false), status(true)], nodes: nodes, links: [], skipped: [], files: [],
            watched: [],
            held: HeldPlaces([]))
        server = SkeletonServer(
            view,
            SkeletonSettings(
                hides: hides, notificationsOn: notificationsOn, user: 1000, group: 100, time: 5_000_000_007),
            mostPhantoms: mostPhantoms)
    }

    private static func node(_ path: String, _ kind: SkeletonNode.Kind) -> SkeletonNode {
        SkeletonNode(path: testPath(path), kind: kind)
    }

    /// Sends one request.
    mutating func ask(
        _ code: UInt32, _ node: UInt64 = 1, thread: Int32 = thread, _ body: [UInt8] = []
    ) -> TestReply? {
        server.answer(TestRequest.bytes(code, node: node, thread: thread, body), tasks, &host)
            .map { TestReply($0) }
    }

    /// Looks a name up.
    mutating func lookUp(_ name: String, in node: UInt64 = 1, thread: Int32 = thread) -> TestReply {
        guard let reply = ask(1, node, thread: thread, Array(name.utf8) + [0]) else {
            preconditionFailure("no answer to a lookup")
        }
        return reply
    }

    /// Walks from the root to a path as the kernel does: the answer to the first name that isn't found, or to the
    /// last.
    mutating func walk(_ path: String, thread: Int32 = thread) -> TestReply {
        var reply = TestReply.root
        for component in testPath(path).components {
            reply = lookUp(String(decoding: component, as: UTF8.self), in: reply.node, thread: thread)
            if reply.errno != nil || reply.node == 0 { return reply }
        }
        return reply
    }
}

/// A path that a test wrote.
func testPath(_ text: String) -> AbsolutePath {
    guard let path = AbsolutePath(text) else { preconditionFailure("\(text) is no path") }
    return path
}

/// Puts requests together.
enum TestRequest {
    static func bytes(
        _ code: UInt32, node: UInt64 = 1, thread: Int32 = 7, number: UInt64 = 99, _ body: [UInt8] = []
    ) -> [UInt8] {
        var writer = FuseWriter()
        writer.word(UInt32(FuseRequest.headerSize + body.count))
        writer.word(code)
        writer.long(number)
        writer.long(node)
        writer.long(0)
        writer.word(UInt32(bitPattern: thread))
        writer.word(0)
        writer.append(body)
        return writer.bytes
    }
}

/// Takes answers apart.
struct TestReply {
    let errno: Errno?
    let body: [UInt8]
    let number: UInt64
    let length: Int
    let count: Int

    static let root = TestReply(FuseReply(body: [1] + [UInt8](repeating: 0, count: 127)).bytes(for: 0))

    init(_ bytes: [UInt8]) {
        var reader = FuseReader(bytes[...])
        length = Int(reader.word() ?? 0)
        let code = Int32(bitPattern: reader.word() ?? 0)
        errno = code == 0 ? nil : Errno(-code)
        number = reader.long() ?? 0
        body = Array(bytes.dropFirst(FuseReply.headerSize))
        count = bytes.count
    }

    private func long(_ offset: Int) -> UInt64 {
        var reader = FuseReader(body.dropFirst(offset))
        return reader.long() ?? 0
    }

    /// Of the answer to a lookup.
    var node: UInt64 { long(0) }
    var entryValidity: UInt64 { long(16) }
    var attributeValidity: UInt64 { long(24) }
    var mode: UInt32 { UInt32(truncatingIfNeeded: long(100)) }
}

/// A host that is a table, and the events that came of it.
struct TestSurroundings: SkeletonSurroundings {
    var answers: [String: HostAnswer] = [:]
    var events: [SkeletonEvent] = []

    mutating func hostAnswer(at path: AbsolutePath) -> HostAnswer { answers["\(path)"] ?? .missing }
    mutating func take(_ event: SkeletonEvent) { events.append(event) }

    /// The acts, as the words that matter.
    var acts: [String] {
        events.compactMap { event in
            guard case .denied(let act) = event else { return nil }
            let subject =
                switch act.subject {
                case .file(let activity, let path, _): "\(activity) \(path)"
                case .socketPath(let path): "socket \(path)"
                default: "\(act.subject)"
                }
            return "\(subject) \(act.reason) \(act.call)"
        }
    }

    var looked: [String] {
        events.compactMap { if case .looked(let path) = $0 { "\(path)" } else { nil } }
    }
}

/// Callers whose system call a test sets.
struct TestTasks: TaskObserver {
    var call: PendingCall?
    var memory: [UInt64: [UInt8]] = [:]
    var currentDirectory = testPath("/w")

    func call(of thread: Int32) -> PendingCall? { call }
    func actor(of thread: Int32) -> AuditedProcess {
        AuditedProcess(process: thread, name: Array("cat".utf8), program: Array("/usr/bin/cat".utf8))
    }
    func memory(of thread: Int32, at address: UInt64, count: Int) -> [UInt8]? {
        memory[address].map { Array($0.prefix(count)) }
    }
    func directory(of thread: Int32, descriptor: Int32?) -> AbsolutePath? {
        descriptor == nil ? currentDirectory : AbsolutePath("/usr/share")
    }

    /// Calls `name` with a path in memory.
    mutating func calls(_ name: String, _ path: String, flags: UInt64 = 0, directory: Int32 = -100) {
        guard let number = (UInt64(0)..<512).first(where: { PathCall(number: $0)?.name == name }) else {
            preconditionFailure("no call \(name)")
        }
        let address: UInt64 = 0x1000
        memory = [address: Array(path.utf8) + [0]]
        var arguments: [UInt64] = [address, flags, 0, 0, 0, 0]
        if let argument = PathCall(number: number)?.paths.first, argument.path == 1 {
            arguments = [UInt64(bitPattern: Int64(directory)), address, flags, 0, 0, 0]
        }
        call = PendingCall(number: number, arguments: arguments)
    }
}

extension FileStatus {
    /// What the host has at a place that exists on every one.
    static func real(_ path: String) -> FileStatus {
        guard let status = try? Files.status(CString(path)) else { preconditionFailure("no \(path)") }
        return status
    }

    static var someDirectory: FileStatus { real("/") }
    static var someFile: FileStatus { real("/proc/self/status") }
    static var someSocket: FileStatus {
        guard let pair = try? Sockets.pair(), let status = try? Files.status(of: pair.first.number) else {
            preconditionFailure("no socket")
        }
        return status
    }
}
