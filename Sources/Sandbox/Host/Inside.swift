internal import Linux

/// Whether this process runs in a sandbox of Mews's, by what the kernel says: the environment can be written by
/// anybody.
public enum Inside {
    private static let greatestSize = 16 << 20

    /// True when the process has a filter that it can't take off, and `/run/mews` is the read-only mount of a
    /// sandbox: nobody else can have put one there without being root.
    public static func isHere() -> Bool {
        guard isConfined(), let mounts = content(of: "/proc/self/mountinfo") else { return false }
        return hasPublishedFiles(mounts)
    }

    /// Whether the process has a filter that it can't take off.
    static func isConfined() -> Bool { content(of: "/proc/self/status").map(isConfined) ?? false }

    /// Whether the filter around this process has the mark of the level `landlock`, at which nothing is mounted. It can't
    /// be taken off, and no kernel gives this answer.
    static func hasMark() -> Bool {
        guard isConfined() else { return false }
        return Processes.control(option: Int32(SyscallRules.mark)) == Errno(Int32(Refusal.mark.errno))
    }

    /// The fields NoNewPrivs and Seccomp of proc_pid_status(5); mode 2 is a filter.
    static func isConfined(_ status: [UInt8]) -> Bool {
        let lines = status.split(separator: UInt8(ascii: "\n"))
        return ["NoNewPrivs:\t1", "Seccomp:\t2"].allSatisfy { wanted in
            lines.contains { $0.elementsEqual(wanted.utf8) }
        }
    }

    /// In proc_pid_mountinfo(5) the fourth field is the mounted directory in its file system, then come the
    /// mount point and the mount's own options.
    static func hasPublishedFiles(_ mountinfo: [UInt8]) -> Bool {
        mountinfo.split(separator: UInt8(ascii: "\n")).contains { line in
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count > 6, let end = fields.firstIndex(where: { $0.elementsEqual("-".utf8) }),
                end + 1 < fields.count
            else { return false }
            let options = fields[5].split(separator: UInt8(ascii: ","))
            return fields[3].elementsEqual("/\(PublishedContent.scratchName)".utf8)
                && fields[4].elementsEqual(PublishedContent.directory.utf8)
                && options.contains { $0.elementsEqual("ro".utf8) }
                && fields[end + 1].elementsEqual("tmpfs".utf8)
        }
    }

    private static func content(of name: String) -> [UInt8]? {
        guard let file = try? Files.open(CString(name), [.read, .closeOnExec]) else { return nil }
        return (try? Files.readAll(file.number, limit: greatestSize)) ?? nil
    }
}
