import Audit
import Linux
import Testing

@testable import Sandbox
@testable import Supervisor

@Suite("What a waiting thread is doing")
struct PendingCallTests {
    @Test("The kernel's line is read whole or not at all")
    func line() {
        let call = PendingCall(number: 257, arguments: [0xffff_ff9c, 0x7f00, 0, 0, 0, 1])
        let text = "257 0xffffff9c 0x7f00 0x0 0x0 0x0 0x1 0x7ffe 0x7f12\n"
        #expect(PendingCall.read(Array(text.utf8)) == .call(call))
        #expect(PendingCall.read(Array("running\n".utf8)) == .running)
        for bad in [
            "", "-1 0x1 0x2\n", "257 0x1\n", "x 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n", "257 1 2 3 4 5 6 7 8\n",
        ] {
            #expect(PendingCall.read(Array(bad.utf8)) == .none)
        }
    }

    @Test("Every call that takes a path is known by its number, and no other")
    func numbers() {
        let known = SyscallArchitecture.native.calls.filter { PathCall(number: UInt64($0.number)) != nil }
        #expect(known.allSatisfy { PathCall(number: UInt64($0.number))?.name == $0.name })
        #expect((UInt64(0)..<2048).filter { PathCall(number: $0) != nil }.count == known.count)
        let names = Set(known.map(\.name))
        #expect(
            names.isSuperset(of: [
                "openat", "newfstatat", "statx", "execve", "connect", "sendmsg", "unlinkat",
            ]))
        // Only a descriptor tells which file, and by then it was opened.
        #expect(names.isDisjoint(with: ["fchmod", "fsetxattr", "read", "fstat", "io_uring_setup"]))
        #expect(PathCall(number: 1 << 32) == nil)
    }

    @Test("An open is told apart from a write by its flags")
    func flags() throws {
        let openat = (UInt64(0)..<512).first { PathCall(number: $0)?.name == "openat" }
        let path = try #require(openat.flatMap { PathCall(number: $0) })
        func attempt(_ flags: UInt64, on target: PendingCall.Target = .other) -> PendingCall.Attempt {
            PendingCall(number: 0, arguments: [0, 0, flags, 0, 0, 0]).attempt(path, on: target)
        }
        #expect(attempt(0o2000000) == .file(.open))
        #expect(attempt(0o1) == .file(.write))
        #expect(attempt(0o2) == .file(.write))
        #expect(attempt(0o1000) == .file(.write))
        #expect(attempt(0o100) == .file(.write))
        #expect(attempt(0o101, on: .missing) == .file(.create))
    }

    @Test("A connection to what is no socket is only a look")
    func connections() throws {
        let connect = (UInt64(0)..<512).first { PathCall(number: $0)?.name == "connect" }
        let path = try #require(connect.flatMap { PathCall(number: $0) })
        let call = PendingCall(number: 0, arguments: [0, 0, 0, 0, 0, 0])
        #expect(call.attempt(path, on: .other) == .look)
        #expect(call.attempt(path, on: .socket) == .socket)
        #expect(call.attempt(path, on: .unknown) == .socket)
    }

    @Test("A path is put together from the caller's memory and directory, and only what is one")
    func paths() throws {
        var tasks = TestTasks()
        func path(_ tasks: TestTasks) throws -> String? {
            let call = try #require(tasks.call)
            let argument = try #require(PathCall(number: call.number)?.paths.first)
            return tasks.path(argument, of: call, by: 7).map { "\($0)" }
        }
        for (text, expected) in [
            ("/a/b", "/a/b"), ("a", "/w/a"), ("../a/./b/..", "/a"), ("../../../..", "/"), ("", "/w"),
            ("/", "/"),
        ] {
            tasks.calls("openat", text)
            #expect(try path(tasks) == expected)
        }
        tasks.calls("openat", "doc", directory: 3)
        #expect(try path(tasks) == "/usr/share/doc")
        // No NUL within the longest path: the kernel wouldn't take it either.
        tasks.memory = [0x1000: [UInt8](repeating: 1, count: 4096)]
        #expect(try path(tasks) == nil)
    }

    @Test("The path of a socket is read from its address")
    func socket() throws {
        var tasks = TestTasks()
        tasks.calls("connect", "")
        let call = try #require(tasks.call)
        let argument = try #require(PathCall(number: call.number)?.paths.first)
        let pending = PendingCall(number: call.number, arguments: [3, 0x2000, 110, 0, 0, 0])
        tasks.memory = [0x2000: [1, 0] + Array("/run/s\0rest".utf8)]
        #expect(tasks.path(argument, of: pending, by: 7) == AbsolutePath("/run/s"))
        for other: [UInt8] in [[1, 0, 0] + Array("abstract".utf8), [2, 0, 0, 80, 127, 0, 0, 1], [1], []] {
            tasks.memory = [0x2000: other]
            #expect(tasks.path(argument, of: pending, by: 7) == nil)
        }
    }

    @Test("A real thread is observed through a process file system: its name, program and directory")
    func reader() throws {
        let processes = try Files.open(CString("/proc"), [.pathOnly, .closeOnExec])
        let reader = TaskReader(processes: processes.number)
        let own = try #require(
            Int32(String(decoding: try Files.readLink(CString("/proc/self")), as: UTF8.self)))
        let actor = reader.actor(of: own)
        #expect(actor.process == own)
        #expect(!actor.name.isEmpty)
        #expect(try reader.directory(of: own, descriptor: nil) == Files.workingDirectory())
        // It runs, so it waits for nothing.
        #expect(reader.actor(of: 0x3fff_fff0).process == 0)
        #expect(TaskReader(processes: -1).call(of: own) == nil)
    }
}
