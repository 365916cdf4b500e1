internal import Linux

/// Who and where the command is, for programs that ask the C library.
///
/// The host's own files would say more than a command needs to know (all users, the name server, names of
/// the local network), and a static program can't ask NSS for them.
enum IdentityFiles {
    /// The name of every sandbox.
    static let hostName = "mews"

    /// The machine that every sandbox says it is: `mews` four times, in the form of machine-id(5).
    static let machine = "6d6577736d6577736d6577736d657773"

    /// The files for one user.
    static func make(for facts: HostFacts) -> [IdentityFile] {
        [
            ("/etc/passwd", passwords(facts)),
            ("/etc/group", groups(facts)),
            ("/etc/hosts", "127.0.0.1 localhost \(hostName)\n::1 localhost ip6-localhost ip6-loopback\n"),
            // Mews itself answers, whichever server a program asks: names that a rule allows have an address, others
            // don't exist. What answers is started by the first question, which has to survive that.
            ("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:5 attempts:2\n"),
            // Of shadow passwords there is no source: perl's getpwnam asks for them each time, of a file that is
            // kept out. Without a line the C library would take that file for one.
            ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: none\nhosts: files dns\n"),
            ("/etc/hostname", "\(hostName)\n"),
            // The host's is confidential (machine-id(5)). Programs that tell processes of several machines apart by it,
            // as agents do in their locks, find one that every sandbox has.
            ("/etc/machine-id", "\(machine)\n"),
            // The host's belongs to a user who has no number in here, and ssh(1) refuses such a file.
            ("/etc/ssh/ssh_config", "Host *\n    SendEnv LANG LC_*\n"),
        ].compactMap { path, text in
            AbsolutePath(path).map { IdentityFile(path: $0, content: Array(text.utf8)) }
        }
    }

    private static func passwords(_ facts: HostFacts) -> String {
        let users =
            facts.user == 0
            ? "root:x:0:\(facts.group):root:\(home(facts)):\(shell(facts))\n"
            : "root:x:0:0:root:/root:/usr/sbin/nologin\n"
                + "\(name(facts)):x:\(facts.user):\(facts.group)::\(home(facts)):\(shell(facts))\n"
        return users + "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    }

    private static func groups(_ facts: HostFacts) -> String {
        let own = facts.group == 0 ? "" : "\(name(facts)):x:\(facts.group):\n"
        return "root:x:0:\n" + own + "nogroup:x:65534:\n"
    }

    private static func name(_ facts: HostFacts) -> String {
        let fits = facts.userName.allSatisfy {
            $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ",")
        }
        return fits && !facts.userName.isEmpty
            ? String(decoding: facts.userName, as: UTF8.self) : "user\(facts.user)"
    }

    /// The shell that the user has, where it is one of those that are installed for everybody: an agent that asks for it
    /// here runs each command by it, and one written for bash fails by sh.
    private static func shell(_ facts: HostFacts) -> String {
        let known = ["/bin/", "/usr/bin/"].flatMap { directory in
            ["bash", "dash", "fish", "ksh", "zsh"].map { directory + $0 }
        }
        guard let own = facts.value(of: "SHELL") else { return "/bin/sh" }
        return known.first { own.elementsEqual($0.utf8) } ?? "/bin/sh"
    }

    /// The home directory, unless its path would break the line.
    private static func home(_ facts: HostFacts) -> String {
        guard let home = facts.home,
            home.bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") })
        else { return "/" }
        return String(decoding: home.bytes, as: UTF8.self)
    }
}
