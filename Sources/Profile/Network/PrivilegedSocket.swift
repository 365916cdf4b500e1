public import Linux

/// Sockets behind which a program does what it is told, with rights that the sandbox doesn't have.
///
/// Known by their usual places and names, since a socket doesn't say what answers there: whoever moves one elsewhere
/// isn't warned.
public enum PrivilegedSocket {
    /// Why a socket can't be granted without saying that its danger is understood.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - home: the user's home directory.
    /// - Returns: a clause, or nil for a socket that isn't known to be one of these.
    public static func reason(for path: AbsolutePath, home: AbsolutePath?) -> String? {
        let components = names(of: path)
        let below = home?.relative(of: path).map { $0.isEmpty ? [] : names($0) }
        for entry in entries {
            for place in entry.places {
                let pattern = place.split(separator: "/").map(String.init)
                let isBelowHome = pattern.first == "~"
                let candidate = isBelowHome ? below : components
                let rest = isBelowHome ? Array(pattern.dropFirst()) : pattern
                if let candidate, covers(rest, candidate) { return entry.reason }
            }
            if let last = components.last, entry.names.contains(where: { matches($0, last) }) {
                return entry.reason
            }
        }
        return nil
    }

    private struct Entry: Sendable {
        let reason: String
        /// The socket, or a directory that has nothing else in it; a `*` at the end of a name is any rest.
        let places: [String]
        /// What such sockets are called wherever they are.
        let names: [String]
    }

    private static let entries = [
        Entry(
            reason:
                "whoever reaches Docker, Podman or containerd starts containers, which is as good as root",
            places: [
                "/run/docker", "/run/containerd", "/run/podman", "/run/crio", "/run/k3s",
                "/run/user/*/podman",
                "/run/user/*/docker", "/run/user/*/containerd", "/var/run/docker", "/var/run/containerd",
                "/var/run/podman", "/var/run/crio", "~/.docker", "~/.colima", "~/.lima", "~/.rd",
                "~/.orbstack",
            ],
            names: [
                "docker.sock", "docker-*.sock", "podman.sock", "containerd*.sock", "crio.sock",
                "buildkitd.sock",
                "nerdctl*.sock", "cri-dockerd.sock", "kubelet*.sock",
            ]),
        Entry(
            reason: "whoever reaches a manager of virtual machines or packages acts as root through it",
            places: [
                "/run/libvirt", "/var/run/libvirt", "/run/user/*/libvirt", "/var/lib/lxd", "/var/lib/incus",
                "/var/snap/lxd", "/run/snapd*", "/run/lxd*", "/run/incus", "/run/qemu*",
                "/run/udev", "/run/multipathd*", "/var/lib/kubelet",
            ],
            names: ["snapd*.socket", "lxd*.socket"]),
        Entry(
            reason: "whoever reaches systemd or D-Bus has programs started outside of the sandbox",
            places: [
                "/run/systemd", "/run/dbus", "/var/run/dbus", "/run/user/*/bus", "/run/user/*/dbus-*",
                "/run/user/*/systemd", "/run/user/*/at-spi", "/run/user/*/doc", "/run/initctl",
            ],
            names: ["system_bus_socket", "dbus-*"]),
        Entry(
            reason: "whoever reaches an agent signs and decrypts with the user's keys",
            places: [
                "/tmp/ssh-*", "/run/user/*/gnupg", "/run/user/*/keyring", "/run/user/*/gcr", "~/.gnupg",
                "~/.ssh", "~/.1password", "/run/user/*/kwallet*", "/run/user/*/pcscd", "/run/pcscd",
            ],
            names: ["S.gpg-agent*", "S.scdaemon", "ssh-agent*", "openssh_agent", "agent.*", "agent.sock"]),
        Entry(
            reason: "whoever reaches the display server reads the keyboard and the screen of the user",
            places: [
                "/tmp/.X11-unix", "/run/user/*/wayland-*", "/run/user/*/pipewire-*", "/run/user/*/pulse",
                "/tmp/.ICE-unix",
            ],
            names: ["wayland-*"]),
        Entry(
            reason: "whoever reaches a terminal or an editor has it run programs outside of the sandbox",
            places: [
                "/tmp/tmux-*", "/run/screen", "/run/user/*/tmux-*", "/tmp/emacs*", "/run/user/*/emacs",
                "/tmp/vscode-*", "/run/user/*/vscode-*", "/tmp/zellij-*", "/run/user/*/zellij",
                "/run/user/*/wezterm", "/run/user/*/nvim*",
            ],
            names: ["vscode-*.sock", "kitty-*"]),
    ]

    private static func names(of path: AbsolutePath) -> [[UInt8]] { names(path.bytes[...]) }

    private static func names(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "/")).map { Array($0) }
    }

    /// Whether the pattern names the path or a directory above it.
    private static func covers(_ pattern: [String], _ path: [[UInt8]]) -> Bool {
        pattern.count <= path.count && zip(pattern, path).allSatisfy { matches($0, $1) }
    }

    /// One `*` at most, for any run of bytes.
    private static func matches(_ pattern: String, _ name: [UInt8]) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map { Array($0.utf8) }
        guard parts.count == 2 else { return name == Array(pattern.utf8) }
        return name.count >= parts[0].count + parts[1].count && name.starts(with: parts[0])
            && name.reversed().starts(with: parts[1].reversed())
    }
}
