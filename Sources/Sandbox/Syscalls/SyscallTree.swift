internal import CLibseccomp
internal import CLinux
internal import Glibc
internal import Linux

/// libseccomp's filter of the native architecture, exported as a balanced tree.
@safe
struct SyscallTree: ~Copyable {
    private let context: scmp_filter_ctx

    /// An empty filter that answers every call with one action.
    init(otherwise action: FilterAction) throws(SyscallFilterError) {
        guard let context = unsafe seccomp_init(action.value) else {
            throw .libseccomp(function: "seccomp_init", Errno(ENOMEM))
        }
        // Foreign architectures are never seen here, as the prefix has decided on them before; this is the
        // same answer. A balanced tree, because the kernel runs the program for each number while loading
        // it, so that load time follows the length of the path.
        let failure = unsafe min(
            seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, FilterAction.killProcess.value),
            seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2))
        guard failure == 0 else {
            unsafe seccomp_release(context)
            throw .libseccomp(function: "seccomp_attr_set", Errno(-failure))
        }
        unsafe self.context = context
    }

    deinit {
        unsafe seccomp_release(context)
    }

    /// Gives a call its action, whatever its arguments. The number is taken as it is, also one that the
    /// library has no name for.
    func add(_ number: UInt32, _ action: FilterAction) throws(SyscallFilterError) {
        try Self.check(
            unsafe seccomp_rule_add_array(context, action.value, Int32(number), 0, nil), "seccomp_rule_add")
    }

    /// The program. Through a memory file, since a pipe could be smaller than the program and block, and
    /// exporting to memory came with libseccomp 2.6.
    func export() throws(SyscallFilterError) -> [FilterInstruction] {
        let file = unsafe mews_memfd_create("filter", 1)  // MFD_CLOEXEC
        guard file >= 0 else { throw .libseccomp(function: "memfd_create", Errno(-file)) }
        defer { close(file) }
        try Self.check(unsafe seccomp_export_bpf(context, file), "seccomp_export_bpf")
        let size = lseek(file, 0, SEEK_END)
        var packed = [UInt64](repeating: 0, count: size / MemoryLayout<UInt64>.size)
        let count = unsafe packed.withUnsafeMutableBytes { bytes in
            unsafe pread(file, bytes.baseAddress, bytes.count, 0)
        }
        guard count == size, count > 0 else { throw .libseccomp(function: "pread", Errno(EIO)) }
        return packed.map(FilterInstruction.init(packed:))
    }

    private static func check(_ result: Int32, _ function: String) throws(SyscallFilterError) {
        guard result == 0 else { throw .libseccomp(function: function, Errno(-result)) }
    }
}
