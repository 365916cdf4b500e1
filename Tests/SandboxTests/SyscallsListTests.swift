@testable import Sandbox
import Testing

@Suite("A profile's own lists of calls")
struct SyscallsListTests {
    private func filter(allow: [String] = [], deny: [String] = []) throws -> FilterInterpreter {
        FilterInterpreter(try SyscallFilter.make(allow: allow, deny: deny, debug: false))
    }

    @Test("an allowed call is allowed and nothing beside it")
    func allows() throws {
        let filter = try filter(allow: ["perf_event_open"])
        #expect(try filter("perf_event_open") == .allowed)
        #expect(try filter("userfaultfd") == .errno(1))
        #expect(try filter("ioctl", 0, 0x5412) == .errno(1))
    }

    @Test("a denied call fails with EPERM, also one that is checked by its arguments")
    func denies() throws {
        let filter = try filter(deny: ["mlock", "socket", "openat"])
        #expect(try filter("mlock") == .errno(1))
        #expect(try filter("socket", 1, 1, 0) == .errno(1))
        #expect(try filter("openat", 0, 0, 0, 0) == .errno(1))
        #expect(try filter("mlock2") == .allowed)
    }

    @Test("deny wins over allow")
    func denyWins() throws {
        #expect(try filter(allow: ["kcmp"], deny: ["kcmp"])("kcmp") == .errno(1))
    }

    @Test("denying clone3 leaves it absent: with EPERM no thread would start")
    func refusedStaysAsItIs() throws {
        #expect(try filter(deny: ["clone3", "mlock"])("clone3") == .errno(38))
    }

    @Test("lists that change nothing give the same answers as no lists")
    func noChange() throws {
        let amended = try SyscallFilter.make(allow: ["read"], deny: ["mount"], debug: false)
        let standard = try SyscallFilter.make(allow: [], deny: [], debug: false)
        #expect(try FilterSurvey.difference(of: amended.instructions, and: standard.instructions) == nil)
    }

    @Test(
        "an unknown name is an error that says what was probably meant",
        arguments: [
            ("perf_event_opn", "perf_event_open"), ("userfault", "userfaultfd"), ("ptraces", "ptrace"),
            ("frobnicate", nil),
            ("Mount", "mount"),
        ] as [(String, String?)])
    func unknown(name: String, nearest: String?) {
        let error = SyscallFilterError.unknownName(name, nearest: nearest)
        #expect(SyscallFilter.problems(allow: [name], deny: []) == [error])
        #expect(SyscallFilter.problems(allow: [], deny: [name]) == [error])
        #expect(throws: error) { try SyscallFilter.make(allow: [name], deny: [], debug: false) }
    }

    @Test(
        "what would open the sandbox can't be allowed, and the reason is said",
        arguments: [
            "mount", "umount2", "setns", "pivot_root", "chroot", "bpf", "clone3", "clone", "unshare",
            "io_uring_setup", "openat2", "ioctl", "socket", "ptrace", "keyctl", "open_tree", "move_mount",
            "open_by_handle_at", "pidfd_getfd", "init_module", "kexec_load", "chmod", "open",
            "process_vm_readv",
        ])
    func neverAllowed(name: String) throws {
        let problem = try #require(SyscallFilter.problems(allow: [name], deny: []).first)
        guard case .neverAllowed(name, let reason) = problem else {
            Issue.record("\(problem)")
            return
        }
        #expect(problem.description == "`\(name)` can't be allowed: \(reason)")
    }

    @Test("all problems are found, in the order of the lists")
    func allProblems() {
        let problems = SyscallFilter.problems(allow: ["mont", "kcmp", "bpf"], deny: ["execve", "mlockk"])
        #expect(
            problems.map(\.description) == [
                "there is no system call `mont`; did you mean `mount`?",
                "`bpf` can't be allowed: it runs code in the kernel",
                "`execve` can't be denied: no program starts or ends without it",
                "there is no system call `mlockk`; did you mean `mlock`?",
            ])
    }
}
