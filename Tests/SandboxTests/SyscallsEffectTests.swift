@testable import Sandbox
import Testing

/// A call, and what an unprivileged process gets with and without the filter.
private struct Attempt: CustomTestStringConvertible, Sendable {
    let name: String
    let arguments: [String]
    let outside: Set<String>
    let inside: String

    init(_ name: String, _ arguments: [String], outside: Set<String>, inside: String) {
        self.name = name
        self.arguments = arguments
        self.outside = outside
        self.inside = inside
    }

    var testDescription: String { "\(name)(\(arguments.joined(separator: ", ")))" }
}

@Suite(
    "The kernel enforces the filter on an unprivileged user",
    .enabled(if: UnderFilter.isInstalled(UnderFilter.python)))
struct SyscallsEffectTests {
    private static let missing = "@/nonexistent-for-mews/file"
    private static let here = "18446744073709551516"  // AT_FDCWD
    private static let none = "18446744073709551615"  // descriptor or process -1

    // Without the filter each gets further than the filter would let it, most of them to an error of their
    // arguments, so that nothing happens on the host.
    private static let attempts: [Attempt] = [
        Attempt("socket", ["17", "3", "0"], outside: ["EPERM"], inside: "EAFNOSUPPORT"),
        Attempt("socket", ["16", "3", "9"], outside: ["ok"], inside: "EPROTONOSUPPORT"),
        Attempt("socket", ["16", "3", "0"], outside: ["ok"], inside: "ok"),
        Attempt("socket", ["2", "1", "0"], outside: ["ok"], inside: "ok"),
        Attempt("unshare", ["268435456"], outside: ["ok"], inside: "EPERM"),
        Attempt("clone", ["268435473", "0", "0", "0", "0"], outside: ["ok"], inside: "EPERM"),
        Attempt("clone3", ["0", "0"], outside: ["EINVAL"], inside: "ENOSYS"),
        Attempt("setns", [none, "0"], outside: ["EBADF"], inside: "EPERM"),
        Attempt("ioctl", [none, "21522"], outside: ["EBADF"], inside: "EPERM"),
        Attempt("ioctl", [none, "4294988818"], outside: ["EBADF"], inside: "EPERM"),
        Attempt("ioctl", [none, "21505"], outside: ["EBADF"], inside: "EBADF"),
        Attempt("fchmodat", [here, missing, "2541"], outside: ["ENOENT"], inside: "EPERM"),
        Attempt("fchmodat", [here, missing, "493"], outside: ["ENOENT"], inside: "ENOENT"),
        Attempt("fchmod", [none, "1517"], outside: ["EBADF"], inside: "EPERM"),
        Attempt("openat", [here, missing, "65", "2541"], outside: ["ENOENT"], inside: "EPERM"),
        Attempt("openat", [here, missing, "65", "420"], outside: ["ENOENT"], inside: "ENOENT"),
        Attempt("mknodat", [here, missing, "8192", "0"], outside: ["ENOENT"], inside: "EPERM"),
        Attempt("mknodat", [here, missing, "4096", "0"], outside: ["ENOENT"], inside: "ENOENT"),
        Attempt("openat2", [here, missing, "0", "0"], outside: ["EINVAL"], inside: "ENOSYS"),
        Attempt("io_uring_setup", ["0", "0"], outside: ["EFAULT", "EINVAL", "EPERM"], inside: "ENOSYS"),
        Attempt("umount2", [missing, "4096"], outside: ["EINVAL"], inside: "EPERM"),
        Attempt("move_mount", [none, "0", none, "0", "0"], outside: ["EPERM", "EBADF"], inside: "ENOSYS"),
        Attempt("fsopen", ["0", "0"], outside: ["EPERM"], inside: "ENOSYS"),
        Attempt("personality", ["4194304"], outside: ["ok"], inside: "EPERM"),
        Attempt("personality", ["4294967295"], outside: ["ok"], inside: "ok"),
        Attempt("ptrace", ["16896", "1073741823", "0", "0"], outside: ["ESRCH", "EIO"], inside: "EPERM"),
        Attempt("process_vm_readv", ["0", "0", "0", "0", "0", "1"], outside: ["EINVAL"], inside: "EPERM"),
        Attempt("pidfd_getfd", [none, "0", "0"], outside: ["EBADF"], inside: "EPERM"),
        Attempt("kcmp", ["1073741823", "1073741823", "0", "0", "0"], outside: ["ESRCH"], inside: "EPERM"),
        Attempt("keyctl", ["4095"], outside: ["ENOTSUP"], inside: "EPERM"),
        Attempt("add_key", ["0", "0", "0", "0", "0"], outside: ["EFAULT"], inside: "EPERM"),
        Attempt(
            "name_to_handle_at", [here, missing, "0", "0", "0"], outside: ["EFAULT", "ENOENT"],
            inside: "EPERM"),
        Attempt("prctl", ["1499557217", none], outside: ["ok", "EINVAL"], inside: "EPERM"),
    ]

    @Test("what is refused would have gone further without the filter", arguments: attempts)
    private func refused(attempt: Attempt) throws {
        let number = try #require(
            SyscallArchitecture.native.calls.first { $0.name == attempt.name }?.number)
        let line = "\(attempt.name) \(number) \(attempt.arguments.joined(separator: ","))\n"
        let outside = try call(line, under: nil)
        #expect(attempt.outside.contains(outside), "without the filter: \(outside)")
        let inside = try call(line, under: .make(allow: [], deny: [], debug: false))
        #expect(inside == attempt.inside)
    }

    #if arch(x86_64)
    @Test("getpid through the 32-bit entry kills")
    func foreignCall() throws {
        #expect(try ["ok", "SIGSEGV"].contains(call("i386 20 \n", under: nil)))
        #expect(try call("i386 20 \n", under: .make(allow: [], deny: [], debug: false)) == "SIGSYS")
    }
    #endif

    @Test("a profile's own lists take effect")
    func lists() throws {
        let mlock = try #require(SyscallArchitecture.native.calls.first { $0.name == "mlock" }?.number)
        let kcmp = try #require(SyscallArchitecture.native.calls.first { $0.name == "kcmp" }?.number)
        let filter = try SyscallFilter.make(allow: ["kcmp"], deny: ["mlock"], debug: false)
        #expect(try call("mlock \(mlock) 0,0\n", under: nil) == "ok")
        #expect(try call("mlock \(mlock) 0,0\n", under: filter) == "EPERM")
        #expect(try call("kcmp \(kcmp) 1073741823,1073741823,0,0,0\n", under: filter) == "ESRCH")
    }

    /// What a call came back with; the line is as try_calls.py reads it.
    private func call(_ line: String, under filter: SyscallFilter?) throws -> String {
        let script = try UnderFilter.fixture("try_calls.py")
        let outcome = try UnderFilter.run(filter, [UnderFilter.python, "-c", script], input: line)
        let words = outcome.output.split(whereSeparator: \.isWhitespace)
        try #require(outcome.status == 0 && words.count == 2, "\(outcome)")
        return String(words[1])
    }
}
