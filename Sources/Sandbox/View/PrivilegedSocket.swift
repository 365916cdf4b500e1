internal import Linux

/// Sockets behind which a program outside does what it is told: whoever reaches one isn't in a sandbox any more.
///
/// A list can't be complete. It has what is usual on hosts, under the names and in the places that the programs
/// themselves choose, so that nobody opens one of these without having been told.
enum PrivilegedSocket {
    /// What lies at a path, as the end of a sentence that begins with "behind it"; nil for what isn't known.
    static func keeper(of path: AbsolutePath) -> String? {
        let names = path.components.map { String(decoding: $0, as: UTF8.self) }
        guard let last = names.last else { return nil }
        return keeper(named: last) ?? keeper(in: names)
    }

    private static let containers =
        "a container daemon starts what it is told, as root or as you, with all of the host mounted"
    private static let services = "the service manager starts what it is told"
    private static let bus = "a message bus reaches services that start programs outside"
    private static let keys = "an agent signs with your keys for whoever asks"
    private static let display =
        "a display server shows your screen to whoever asks, and takes keys for every window"
    private static let machines =
        "a machine manager starts what it is told, with the host's files and devices"
    private static let packages = "a package manager installs what it is told, as root"
    private static let terminals =
        "a terminal, editor or desktop program outside runs what it is told, as you"

    /// Whole names of sockets, and the beginnings of names that go on with a number or a name.
    private static let names: [(keeper: String, whole: Set<String>, beginnings: [String])] = [
        (
            containers,
            [
                "crio.sock", "buildkitd.sock", "cri-dockerd.sock", "kubelet.sock", "k3s.sock", "balena.sock",
                "balena-engine.sock", "rootlesskit.sock", "nerdctl.sock",
            ], ["docker.sock", "docker-", "containerd.sock", "podman.sock", "podman-"]
        ),
        (bus, ["system_bus_socket", "bus", "dbus", "session_bus_socket"], ["dbus-"]),
        (
            keys,
            [
                "S.dirmngr", "S.keyboxd", "S.scdaemon", "S.uiserver", "ssh-agent", "ssh-agent.socket",
                "ssh-agent.sock", "openssh_agent", "agent.sock", "pcscd.comm", "gcr-ssh-agent",
                "ssh_auth_sock",
            ], ["S.gpg-agent", "agent.", "gnome-keyring-"]
        ),
        (display, [], ["wayland-", "pipewire-"]),
        (
            machines, ["lxd.socket", "incus.socket", "vboxwebsrv.sock"],
            ["libvirt-sock", "virtqemud-", "qemu-"]
        ),
        (packages, ["snapd.socket", "snapd-snap.socket", "packagekit.sock"], []),
        (terminals, [], ["vscode-", "kitty-", "wezterm-", "gui-sock-", "kak-", "nvim.", "zellij-"]),
    ]

    /// Directories in which all sockets are of one kind, each a run of components.
    private static let directories: [(keeper: String, paths: [[String]])] = [
        (
            containers,
            [
                ["run", "docker"], ["run", "containerd"], ["run", "podman"], ["run", "crio"], ["run", "k3s"],
                ["run", "buildkit"], [".docker"], [".colima"], [".lima"], [".rd"], [".orbstack"],
                ["var", "lib", "kubelet"],
                ["containers", "podman"],
            ]
        ),
        (services, [["run", "systemd"], ["systemd"], ["run", "initctl"]]),
        (bus, [["run", "dbus"], ["run", "polkit"]]),
        (keys, [[".gnupg"], ["gnupg"], ["keyring"], [".1password"], [".ssh"], ["run", "pcscd"]]),
        (display, [[".X11-unix"], [".ICE-unix"], ["pulse"]]),
        (
            machines,
            [
                ["run", "libvirt"], ["libvirt"], ["lxd"], ["incus"], ["run", "xen"], ["run", "multipathd"],
                ["run", "udev"],
            ]
        ),
        (packages, [["run", "snapd"]]),
        (terminals, [["screen"], ["emacs"], ["zellij"], ["kitty"], ["wezterm"], ["run", "screens"]]),
    ]

    private static func keeper(named name: String) -> String? {
        Self.names.first { entry in
            entry.whole.contains(name) || entry.beginnings.contains { name.hasPrefix($0) }
        }?.keeper
    }

    private static func keeper(in names: [String]) -> String? {
        let above = names.dropLast()
        // Of tmux, ssh and screen the directory's name ends with a number of the user's or a made-up one.
        if above.contains(where: { $0.hasPrefix("tmux-") || $0.hasPrefix("emacs") }) { return terminals }
        if above.contains(where: { $0.hasPrefix("ssh-") }) { return keys }
        return directories.first { entry in
            entry.paths.contains { path in
                above.indices.contains { above[$0...].starts(with: path) }
            }
        }?.keeper
    }
}
