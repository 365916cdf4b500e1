internal import Audit

extension PathCall {
    /// The call of a number; nil when it takes no path, or isn't one that the filter lets through.
    ///
    /// The numbers are those of the kernel's tables: arch/x86/entry/syscalls/syscall_64.tbl and
    /// scripts/syscall.tbl.
    init?(number: UInt64) {
        guard let found = Self.native(number) ?? Self.common(number) else { return nil }
        self = found
    }

    /// What has the same number everywhere, as everything since Linux 5.1 has.
    private static func common(_ number: UInt64) -> PathCall? {
        switch number {
        case 439: .at("faccessat2", .looks)
        case 452: .at("fchmodat2", .changes(.attributes))
        case 463: .at("setxattrat", .changes(.attributes))
        case 464: .at("getxattrat", .looks)
        case 465: .at("listxattrat", .looks)
        case 466: .at("removexattrat", .changes(.attributes))
        default: nil
        }
    }

    #if arch(x86_64)
    private static func native(_ number: UInt64) -> PathCall? {
        switch number {
        case 2: .call("open", .open(flags: 1), path: 0)
        case 4: .plain("stat", .looks)
        case 6: .plain("lstat", .looks)
        case 21: .plain("access", .looks)
        case 42: .socket("connect", .connects, address: 1)
        case 44: .socket("sendto", .connects, address: 4)
        case 46: .socket("sendmsg", .connects, address: nil)
        case 49: .socket("bind", .changes(.create), address: 1)
        case 59: .plain("execve", .executes)
        case 76: .plain("truncate", .changes(.write))
        case 80: .plain("chdir", .looks)
        case 82: .pair("rename", .changes(.rename))
        case 83: .plain("mkdir", .changes(.create))
        case 84: .plain("rmdir", .changes(.delete))
        case 85: .plain("creat", .creates)
        case 86: .pair("link", .changes(.create))
        case 87: .plain("unlink", .changes(.delete))
        case 88: .call("symlink", .changes(.create), path: 1)
        case 89: .plain("readlink", .looks)
        case 90: .plain("chmod", .changes(.attributes))
        case 92: .plain("chown", .changes(.attributes))
        case 94: .plain("lchown", .changes(.attributes))
        case 132: .plain("utime", .changes(.attributes))
        case 133: .plain("mknod", .changes(.create))
        case 137: .plain("statfs", .looks)
        default: later(number)
        }
    }

    private static func later(_ number: UInt64) -> PathCall? {
        switch number {
        case 188: .plain("setxattr", .changes(.attributes))
        case 189: .plain("lsetxattr", .changes(.attributes))
        case 191: .plain("getxattr", .looks)
        case 192: .plain("lgetxattr", .looks)
        case 194: .plain("listxattr", .looks)
        case 195: .plain("llistxattr", .looks)
        case 197: .plain("removexattr", .changes(.attributes))
        case 198: .plain("lremovexattr", .changes(.attributes))
        case 235: .plain("utimes", .changes(.attributes))
        case 254: .call("inotify_add_watch", .looks, path: 1)
        case 257: .call("openat", .open(flags: 2), path: 1, directory: 0)
        case 258: .at("mkdirat", .changes(.create))
        case 259: .at("mknodat", .changes(.create))
        case 260: .at("fchownat", .changes(.attributes))
        case 261: .at("futimesat", .changes(.attributes))
        case 262: .at("newfstatat", .looks)
        case 263: .at("unlinkat", .changes(.delete))
        case 264: .pairAt("renameat", .changes(.rename))
        case 265: .pairAt("linkat", .changes(.create))
        case 266: .call("symlinkat", .changes(.create), path: 2, directory: 1)
        case 267: .at("readlinkat", .looks)
        case 268: .at("fchmodat", .changes(.attributes))
        case 269: .at("faccessat", .looks)
        case 280: .at("utimensat", .changes(.attributes))
        case 303: .at("name_to_handle_at", .looks)
        case 307: .socket("sendmmsg", .connects, address: nil)
        case 316: .pairAt("renameat2", .changes(.rename))
        case 322: .at("execveat", .executes)
        case 332: .at("statx", .looks)
        default: nil
        }
    }
    #elseif arch(arm64)
    private static func native(_ number: UInt64) -> PathCall? {
        switch number {
        case 5: .plain("setxattr", .changes(.attributes))
        case 6: .plain("lsetxattr", .changes(.attributes))
        case 8: .plain("getxattr", .looks)
        case 9: .plain("lgetxattr", .looks)
        case 11: .plain("listxattr", .looks)
        case 12: .plain("llistxattr", .looks)
        case 14: .plain("removexattr", .changes(.attributes))
        case 15: .plain("lremovexattr", .changes(.attributes))
        case 27: .call("inotify_add_watch", .looks, path: 1)
        case 33: .at("mknodat", .changes(.create))
        case 34: .at("mkdirat", .changes(.create))
        case 35: .at("unlinkat", .changes(.delete))
        case 36: .call("symlinkat", .changes(.create), path: 2, directory: 1)
        case 37: .pairAt("linkat", .changes(.create))
        case 38: .pairAt("renameat", .changes(.rename))
        case 43: .plain("statfs", .looks)
        case 45: .plain("truncate", .changes(.write))
        case 48: .at("faccessat", .looks)
        case 49: .plain("chdir", .looks)
        case 53: .at("fchmodat", .changes(.attributes))
        case 54: .at("fchownat", .changes(.attributes))
        case 56: .call("openat", .open(flags: 2), path: 1, directory: 0)
        default: later(number)
        }
    }

    private static func later(_ number: UInt64) -> PathCall? {
        switch number {
        case 78: .at("readlinkat", .looks)
        case 79: .at("newfstatat", .looks)
        case 88: .at("utimensat", .changes(.attributes))
        case 200: .socket("bind", .changes(.create), address: 1)
        case 203: .socket("connect", .connects, address: 1)
        case 206: .socket("sendto", .connects, address: 4)
        case 211: .socket("sendmsg", .connects, address: nil)
        case 221: .plain("execve", .executes)
        case 264: .at("name_to_handle_at", .looks)
        case 269: .socket("sendmmsg", .connects, address: nil)
        case 276: .pairAt("renameat2", .changes(.rename))
        case 281: .at("execveat", .executes)
        case 291: .at("statx", .looks)
        default: nil
        }
    }
    #else
    #error("no system call numbers for this architecture")
    #endif
}
