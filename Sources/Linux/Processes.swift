internal import CLinux

/// Calls on processes and their attributes.
public enum Processes {
    /// Which namespaces a clone makes (namespaces(7)).
    public struct Namespaces: OptionSet, Sendable {
        /// The kernel's CLONE_NEW… bits.
        public let rawValue: UInt64

        /// Wraps the kernel's bits.
        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// user_namespaces(7)
        public static let user = Namespaces(rawValue: 0x1000_0000)
        /// mount_namespaces(7)
        public static let mount = Namespaces(rawValue: 0x0002_0000)
        /// pid_namespaces(7)
        public static let process = Namespaces(rawValue: 0x2000_0000)
        /// network_namespaces(7)
        public static let network = Namespaces(rawValue: 0x4000_0000)
        /// ipc_namespaces(7)
        public static let interprocess = Namespaces(rawValue: 0x0800_0000)
        /// uts_namespaces(7)
        public static let hostName = Namespaces(rawValue: 0x0400_0000)
        /// cgroup_namespaces(7)
        public static let controlGroup = Namespaces(rawValue: 0x0200_0000)
        /// All seven.
        public static let all: Namespaces = [
            .user, .mount, .process, .network, .interprocess, .hostName, .controlGroup,
        ]
    }

    /// What clone3(2) returned: on which side the caller is.
    public enum CloneResult: ~Copyable {
        /// In the new process.
        case child
        /// In the caller, with the number of the new process and a descriptor of it (pidfd_open(2)).
        case parent(process: Int32, descriptor: FileDescriptor)
    }

    /// clone3(2), or clone(2) where a filter lets nothing but that pass: a copy of this process in new namespaces, or
    /// in none.
    ///
    /// Single-threaded callers only: the copy goes on in Swift, and a lock that another thread held at
    /// this moment would stay locked for ever in it (fork(2), "NOTES").
    public static func clone(_ namespaces: Namespaces) throws(Errno) -> CloneResult {
        var descriptor: Int32 = -1
        let process = try check(unsafe mews_clone(namespaces.rawValue, &descriptor))
        if process == 0 { return .child }
        return .parent(process: process, descriptor: FileDescriptor(owning: descriptor))
    }

    /// Whether this process has one thread: /proc/self/task then holds one directory.
    public static func isSingleThreaded() throws(Errno) -> Bool {
        try Files.targetStatus(CString("/proc/self/task")).links == 3
    }

    /// fork(2) without the C library's handlers.
    ///
    /// - Returns: 0 in the child.
    public static func fork() throws(Errno) -> Int32 {
        try check(mews_fork())
    }

    /// execve(2); returns only with an error.
    public static func execute(
        _ path: CString, arguments: borrowing CStringArray, environment: borrowing CStringArray
    ) -> Errno {
        let result = unsafe arguments.withPointers { arguments in
            unsafe environment.withPointers { environment in
                unsafe mews_execve(path.characters, arguments, environment)
            }
        }
        return Errno(-result)
    }

    /// How a child changed (waitpid(2)).
    public struct Change: Sendable {
        /// The child.
        public let process: Int32
        /// What happened to it.
        public let status: WaitStatus
        /// The most memory that it or one of its children held at once, in KiB (getrusage(2)).
        public let peakMemory: Int64
    }

    /// The next child that ended, or stopped too when `stops`, without waiting; nil when there is none.
    public static func reap(stops: Bool) throws(Errno) -> Change? {
        var status: Int32 = 0
        var peakMemory: Int64 = 0
        let noHang: Int32 = 1
        let untraced: Int32 = 2
        let process = try retrying { () throws(Errno) in
            try check(unsafe mews_wait4(-1, &status, noHang | (stops ? untraced : 0), &peakMemory))
        }
        return process == 0
            ? nil : Change(process: process, status: WaitStatus(raw: status), peakMemory: peakMemory)
    }

    /// Waits for one child to end.
    public static func wait(for process: Int32) throws(Errno) -> WaitStatus {
        var status: Int32 = 0
        _ = try retrying { () throws(Errno) in try check(unsafe mews_waitpid(process, &status, 0)) }
        return WaitStatus(raw: status)
    }

    /// Whether others, debuggers and /proc among them, may look into this process (PR_SET_DUMPABLE).
    public static func setDumpable(_ allowed: Bool) throws(Errno) {
        _ = try check(mews_prctl(4, allowed ? 1 : 0, 0, 0, 0))
    }

    /// Ends this process when its parent ends (PR_SET_PDEATHSIG); reset by a change of credentials.
    public static func endWithParent() throws(Errno) {
        _ = try check(mews_prctl(1, 9, 0, 0, 0))
    }

    /// Goes on when its parent ends, after ``endWithParent()``.
    public static func outliveParent() throws(Errno) {
        _ = try check(mews_prctl(1, 0, 0, 0, 0))
    }

    /// From now on every descendant whose parent ends becomes a child of this process (PR_SET_CHILD_SUBREAPER).
    public static func becomeReaper() throws(Errno) {
        _ = try check(mews_prctl(36, 1, 0, 0, 0))
    }

    /// What prctl(2) says of an option without arguments; nil is success.
    public static func control(option: Int32) -> Errno? {
        let result = mews_prctl(option, 0, 0, 0, 0)
        return result < 0 ? Errno(-result) : nil
    }

    /// No execve(2) gives privileges from now on (PR_SET_NO_NEW_PRIVS); can't be taken back.
    public static func refuseNewPrivileges() throws(Errno) {
        _ = try check(mews_prctl(38, 1, 0, 0, 0))
    }

    /// A new session keyring, so that the caller's keys stay behind (keyrings(7)).
    public static func joinNewKeyring() throws(Errno) {
        _ = try check(mews_keyctl_join_session())
    }

    /// sethostname(2).
    public static func setHostName(_ name: CString) throws(Errno) {
        _ = try check(unsafe mews_sethostname(name.characters, UInt(name.characters.count - 1)))
    }

    /// Becomes another user for good: groups first, because without the old user's privileges they
    /// couldn't be changed any more (setuid(2), CVE-2004-1377 and many like it).
    public static func become(user: UInt32, group: UInt32, groups: [UInt32]) throws(Errno) {
        _ = try check(unsafe mews_setgroups(UInt32(groups.count), groups))
        _ = try check(mews_setresgid(group))
        _ = try check(mews_setresuid(user))
    }

    /// The user and group that this process acts as.
    public static func identity() -> (user: UInt32, group: UInt32) {
        (mews_geteuid(), mews_getegid())
    }

    /// setsid(2).
    public static func startSession() throws(Errno) {
        _ = try check(mews_setsid())
    }

    /// setpgid(2).
    public static func setGroup(of process: Int32, to group: Int32) throws(Errno) {
        _ = try check(mews_setpgid(process, group))
    }

    /// The number of this process.
    public static func number() -> Int32 { mews_getpid() }

    /// The number of the parent of this process; 0 when that is in another PID namespace.
    public static func parentNumber() -> Int32 { mews_getppid() }

    /// The process group of this process.
    public static func group() -> Int32 { mews_getpgrp() }

    /// kill(2); a negative number is a process group, -1 everything that may be signalled.
    public static func signal(_ process: Int32, _ signal: Int32) throws(Errno) {
        _ = try check(mews_kill(process, signal))
    }

    /// Signals exactly the process that the descriptor names (pidfd_send_signal(2)).
    public static func signal(descriptor: Int32, _ signal: Int32) throws(Errno) {
        _ = try check(mews_pidfd_send_signal(descriptor, signal))
    }

    /// Ends at once, without running anything that was registered for the exit.
    public static func exitNow(_ status: Int32) -> Never {
        mews_exit(status)
    }

    /// The limits of a resource (getrlimit(2)).
    public static func limit(_ resource: Resource) throws(Errno) -> (soft: UInt64, hard: UInt64) {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        _ = try check(unsafe mews_getrlimit(resource.rawValue, &soft, &hard))
        return (soft, hard)
    }

    /// Sets the limits of a resource (setrlimit(2)).
    public static func setLimit(_ resource: Resource, soft: UInt64, hard: UInt64) throws(Errno) {
        _ = try check(mews_setrlimit(resource.rawValue, soft, hard))
    }
}
