internal import Linux
internal import Sandbox

/// Which instructions make the missing layers available here: the smallest set that does, by what is in the way.
struct Advice {
    let surroundings: Surroundings
    /// The program that is to have the layers.
    let program: AbsolutePath
    /// What failed.
    let failed: [Check]
    /// What of it is worth something to be done.
    let missing: Set<Layer>

    /// In the order in which they are to be followed; empty when nothing is missing or nothing of the kind would help.
    var instructions: [Instruction] {
        var found: [Instruction] = []
        if missing.contains(.namespaces) { found += namespaces }
        if missing.contains(.landlock) { found += landlock }
        if missing.contains(.reads), !surroundings.isInsideMews { found += device }
        return found
    }

    /// What stands in the way of namespaces; a container's own reasons come before the host's.
    private var namespaces: [Instruction] {
        if surroundings.isInsideMews {
            return [Instruction(title: "This is a sandbox of Mews: start mews outside of it", lines: [])]
        }
        if surroundings.isChroot {
            return [
                Instruction(
                    title: "This is a chroot, in which the kernel gives nobody a user namespace: start mews "
                        + "outside of it, or enter the directory with a container engine or",
                    lines: ["systemd-nspawn -D DIRECTORY"])
            ]
        }
        if surroundings.hasNoNamespacesLeft {
            return [Self.sysctl("user.max_user_namespaces=65536", onHost: surroundings.engine != nil)]
        }
        if isContainer { return container }
        if surroundings.hasAppArmorRestriction { return [appArmor] }
        if surroundings.hasDebianRestriction {
            return [Self.sysctl("kernel.unprivileged_userns_clone=1", onHost: false)]
        }
        // Whose filter it is can't be told: a container's mostly.
        return surroundings.hasFilter || surroundings.hasCoveredProcesses ? container : []
    }

    private var isContainer: Bool { surroundings.engine != nil }

    private static func sysctl(_ setting: String, onHost: Bool) -> Instruction {
        Instruction(
            title: onHost ? "On the container's host, as root" : "As root",
            lines: [
                "sysctl -w \(setting)",
                "echo '\(setting)' > /etc/sysctl.d/60-mews.conf    # and after the next start",
            ])
    }

    /// As Ubuntu has it for other programs that make namespaces: it confines nothing and allows this one thing.
    private var appArmor: Instruction {
        Instruction(
            title: "As root, an AppArmor profile that lets this mews make user namespaces",
            lines: Self.profile("mews", of: " \(Self.quoted(program))"))
    }

    static func profile(_ name: String, of attachment: String) -> [String] {
        [
            "cat > /etc/apparmor.d/\(name) <<'EOF'",
            "abi <abi/4.0>,",
            "include <tunables/global>",
            "profile \(name)\(attachment) flags=(unconfined) {",
            "  userns,",
            "}",
            "EOF",
            "apparmor_parser -r /etc/apparmor.d/\(name)",
        ]
    }

    /// What AppArmor takes for a pattern stands behind a backslash.
    private static func quoted(_ path: AbsolutePath) -> String {
        let text = path.description.reduce(into: "") { text, character in
            if "\\\"*?[]{}^@".contains(character) { text.append("\\") }
            text.append(character)
        }
        return "\"\(text)\""
    }

    /// A new session of the kernel with Landlock on.
    private var landlock: [Instruction] {
        guard failed.contains(where: { $0.layer == .landlock && $0.remedy.contains("lsm=") }) else {
            return []
        }
        let list = Examination.line(of: "/sys/kernel/security/lsm") ?? "lockdown,yama,apparmor"
        return [
            Instruction(
                title:
                    "On the kernel's command line (GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub)",
                lines: ["lsm=landlock,\(list)"])
        ]
    }
}
