internal import Linux

/// What to do when the kernel refuses a layer: one sentence for each way in which it does.
enum Remedy {
    /// clone3(2) of the namespaces failed.
    static func namespaces(_ errno: Errno) -> SandboxError {
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
        return SandboxError(
            .missingLayer, "the layer `namespaces` is missing: clone3", errno: errno, hint: hint)
    }

    /// The kernel has no Landlock, or it is switched off.
    static func landlock(_ errno: Errno) -> SandboxError {
        SandboxError(
            .missingLayer, "the layer `landlock` is missing", errno: errno,
            hint: errno == .notSupported
                ? "it is built in but off: add landlock to lsm= on the kernel's command line"
                : "Linux 5.13 or later with CONFIG_SECURITY_LANDLOCK is needed")
    }

    /// One of the operations failed that only fail when a layer is switched off.
    static func layer(_ operation: Operation, _ errno: Errno) -> SandboxError? {
        switch operation {
        case .mapIdentity, .makeMountsPrivate:
            return SandboxError(
                .missingLayer, "the layer `namespaces` is missing: \(operation.action)", errno: errno,
                hint: "Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor "
                    + "profile with `userns,` for mews")
        case .mountProcesses where errno == .notPermitted:
            return SandboxError(
                .missingLayer, "the layer `namespaces` is missing: \(operation.action)", errno: errno,
                hint: "parts of the outer /proc are covered; in a container use "
                    + "--security-opt systempaths=unconfined (podman: unmask=ALL)")
        case .enforceLandlock:
            return landlock(errno)
        case .loadFilter:
            return SandboxError(
                .missingLayer, "the layer `seccomp` is missing", errno: errno,
                hint: "a kernel with CONFIG_SECCOMP_FILTER is needed")
        default:
            return nil
        }
    }
}
