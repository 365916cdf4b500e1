public import Linux

/// What to do when the kernel refuses a layer: one sentence for each way in which it does.
///
/// Every error is a `missingLayer` that names the layer, the kernel's answer and the remedy.
public enum Remedy {
    /// clone3(2) of the namespaces failed.
    public static func namespaces(_ errno: Errno) -> SandboxError {
        let hint: String
        switch errno {
        case .notPermitted:
            hint =
                "allow them: sysctl kernel.unprivileged_userns_clone=1 (Debian), or, in a container, "
                + "a seccomp profile with clone3 and CLONE_NEWUSER"
        case .noSpace:
            hint =
                "raise user.max_user_namespaces and the other user.max_*_namespaces; inside another "
                + "sandbox of Mews there are none"
        case .notImplemented:
            hint = "the kernel or a container's seccomp profile lacks clone3; Linux 5.3 or later is needed"
        case .invalidArgument:
            hint = "a kernel with CONFIG_USER_NS, _PID_NS, _NET_NS, _IPC_NS, _UTS_NS and _CGROUPS is needed"
        default:
            hint = "mews doctor tells what is missing"
        }
        return missing("namespaces", "clone3", errno, hint)
    }

    /// The namespaces are there, and the capabilities in them are not: the identity can't be mapped, or
    /// the first mount is refused. `action` is what failed, as the rest of a sentence that begins with
    /// "cannot".
    public static func capabilities(_ action: String, _ errno: Errno) -> SandboxError {
        // A security module refuses; it doesn't take the call away.
        if errno == .notImplemented { return mounts(action, errno) }
        return missing(
            "namespaces", action, errno,
            "Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor "
                + "profile with `userns,` for mews")
    }

    /// A process file system can't be mounted.
    public static func processes(_ errno: Errno) -> SandboxError {
        missing(
            "namespaces", "mount /proc", errno,
            "parts of the outer /proc are covered; in a container use "
                + "--security-opt systempaths=unconfined (podman: unmask=ALL)")
    }

    /// One of the calls that make the view failed, although there is a mount namespace to make it in.
    /// `action` is what failed, as the rest of a sentence that begins with "cannot".
    public static func mounts(_ action: String, _ errno: Errno) -> SandboxError {
        missing(
            "namespaces", action, errno,
            errno == .notImplemented
                ? "Linux 5.12 or later is needed, for mount_setattr and the file descriptors of mounts; a "
                    + "container's seccomp profile has to let them pass"
                : "in a container, its seccomp and AppArmor profiles have to let mounts in a user namespace "
                    + "pass")
    }

    /// The network namespace can't be made a place where every address leads inside.
    public static func capture(_ errno: Errno) -> SandboxError {
        missing(
            "namespaces", "capture the network", errno,
            errno == .notPermitted || errno == .accessDenied
                ? capabilities("", errno).hint
                : "the kernel, or what stands in its place (gVisor), lacks routes of the type `local`: Linux with "
                    + "CONFIG_INET is needed, and in a container a seccomp profile that lets netlink sockets pass"
        )
    }

    /// One of the sockets can't be made at which the sandbox's connections arrive. `action` is what failed, as the
    /// rest of a sentence that begins with "cannot".
    public static func listening(_ errno: Errno, action: String = "listen") -> SandboxError {
        missing(
            "namespaces", action, errno,
            errno == .tooManyFiles
                ? "raise the limit of open files (ulimit -Hn), or name fewer ports in the profile"
                : "a security module or a container's seccomp profile keeps sockets from being bound to ports below "
                    + "1024 in a network namespace of their own: let it")
    }

    /// There is no observer of refused connections; nothing depends on it but what the log can tell.
    public static func observing(_ errno: Errno) -> SandboxError {
        SandboxError(
            .missingLayer, "the kernel allows no raw socket", errno: errno,
            hint: "in a container, a seccomp profile that lets raw sockets pass"
                + ". Until then a connection to where nobody listens is refused all the same, and not written down"
        )
    }

    /// Nobody tells whose a connection is; nothing depends on it but what the log can tell.
    public static func diagnosing(_ errno: Errno) -> SandboxError {
        SandboxError(
            .missingLayer, "the kernel doesn't tell", errno: errno,
            hint:
                "as root: modprobe inet_diag tcp_diag udp_diag; in a container a seccomp profile that lets netlink "
                + "sockets pass. Until then connections are written down without the program that made them")
    }

    /// The kernel has no Landlock, or it is switched off.
    public static func landlock(_ errno: Errno) -> SandboxError {
        var error = SandboxError(
            .missingLayer, "the layer `landlock` is missing", errno: errno,
            hint: errno == .notSupported
                ? "it is built in but off: add landlock to lsm= on the kernel's command line"
                : "Linux 5.13 or later with CONFIG_SECURITY_LANDLOCK is needed, and in a container a "
                    + "seccomp profile that lets its calls pass")
        error.layer = .landlock
        return error
    }

    /// The kernel takes no filter of system calls.
    public static func seccomp(_ errno: Errno) -> SandboxError {
        var error = SandboxError(
            .missingLayer, "the layer `seccomp` is missing", errno: errno,
            hint: "a kernel with CONFIG_SECCOMP_FILTER is needed")
        error.layer = .seccomp
        return error
    }

    /// One of the operations failed that only fail when a layer is switched off.
    static func layer(_ operation: Operation, _ errno: Errno) -> SandboxError? {
        switch operation {
        case .mapIdentity, .makeMountsPrivate, .setHostName: capabilities(operation.action, errno)
        case .captureNetwork: capture(errno)
        case .listen: listening(errno, action: operation.action)
        case .mountProcesses where errno == .notPermitted: processes(errno)
        case .cloneTree, .makeScratch, .makeRoot, .mountDevices, .attach, .enterRoot:
            // Whoever may do it in this namespace is refused by a filter or a security module around it.
            errno == .notImplemented || errno == .notPermitted ? mounts(operation.action, errno) : nil
        case .enforceLandlock: landlock(errno)
        case .loadFilter: seccomp(errno)
        default: nil
        }
    }

    private static func missing(
        _ layer: String, _ action: String, _ errno: Errno, _ hint: String
    ) -> SandboxError {
        var error = SandboxError(
            .missingLayer, "the layer `\(layer)` is missing: \(action)", errno: errno, hint: hint)
        error.layer = .namespaces
        return error
    }
}
