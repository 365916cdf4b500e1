internal import Linux

extension Remedy {
    /// Whether the host has run out of something for now, so that no layer is missing.
    static func isShortage(_ errno: Errno) -> Bool {
        [.tooManyFiles, .tooManyFilesOnHost, .noMemory, .noBuffers, .again, .inputOutput].contains(errno)
    }

    /// What to do about an error number where nothing more is known of what failed.
    static func general(_ errno: Errno) -> String {
        switch errno {
        case .tooManyFiles: "raise the limit of open files (ulimit -n)"
        case .tooManyFilesOnHost: "end programs that hold files open, or raise fs.file-max"
        case .noMemory, .noBuffers: "there is no memory left: end other programs, then try again"
        case .again: "try again; if that doesn't help, raise the limit of processes (ulimit -u)"
        case .noSpace: "make room, or raise the kernel's limit (sysctl fs.mount-max, user.max_mnt_namespaces)"
        case .inputOutput: "the kernel's log says more (dmesg)"
        case .noEntry: "what was there a moment ago is gone: try again"
        default: "mews doctor tells what this host lacks"
        }
    }
}
