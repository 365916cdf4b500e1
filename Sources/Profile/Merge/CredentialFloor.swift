internal import Linux

/// The built-in floor: what no grant of a directory above it covers, because it holds credentials, what
/// somebody typed, or a socket behind which a program acts with the user's rights.
enum CredentialFloor {
    /// The places, by what lies there.
    static let entries: [(reason: String, paths: [String])] = [
        ("SSH keys", ["~/.ssh"]),
        ("OpenPGP keys and their agent", ["~/.gnupg"]),
        (
            "cloud credentials",
            [
                "~/.aws", "~/.azure", "$XDG_CONFIG_HOME/gcloud", "~/.boto", "~/.oci", "~/.aliyun", "~/.s3cfg",
                "$XDG_CONFIG_HOME/doctl", "$XDG_CONFIG_HOME/hcloud", "$XDG_CONFIG_HOME/rclone", "~/.fly",
                "$XDG_CONFIG_HOME/heroku", "$XDG_CONFIG_HOME/.wrangler", "~/.wrangler",
                "~/.terraform.d/credentials.tfrc.json", "~/.terraformrc", "~/.pulumi/credentials.json",
                "~/.vault-token",
            ]
        ),
        (
            "container and cluster credentials",
            [
                "~/.kube", "~/.docker/config.json", "$XDG_CONFIG_HOME/containers/auth.json",
                "$XDG_CONFIG_HOME/helm", "~/.minikube",
            ]
        ),
        (
            "forge and Git credentials",
            [
                "~/.netrc", "~/.git-credentials", "$XDG_CONFIG_HOME/git/credentials", "$XDG_CONFIG_HOME/gh",
                "$XDG_CONFIG_HOME/glab-cli", "$XDG_CONFIG_HOME/hub", "~/.config/tea",
            ]
        ),
        (
            "package registry credentials",
            [
                "~/.npmrc", "~/.yarnrc", "~/.yarnrc.yml", "~/.pypirc", "$XDG_CONFIG_HOME/pip/pip.conf",
                "~/.pip/pip.conf", "$XDG_CONFIG_HOME/pypoetry/auth.toml", "~/.cargo/credentials",
                "~/.cargo/credentials.toml", "~/.gem/credentials", "~/.bundle/config", "~/.m2/settings.xml",
                "~/.m2/settings-security.xml", "~/.gradle/gradle.properties", "~/.composer/auth.json",
                "$XDG_CONFIG_HOME/composer/auth.json", "~/.nuget/NuGet/NuGet.Config",
                "$XDG_CONFIG_HOME/NuGet", "~/.hex", "$XDG_CONFIG_HOME/swiftpm/security",
                "~/.swiftpm/security",
                "~/.huggingface/token", "$XDG_CACHE_HOME/huggingface/token",
                "$XDG_CONFIG_HOME/configstore",
            ]
        ),
        ("database passwords", ["~/.pgpass", "~/.my.cnf", "~/.mylogin.cnf", "~/.mongorc.js", "~/.dbshell"]),
        (
            "password stores and keyrings",
            [
                "~/.password-store", "$XDG_DATA_HOME/keyrings", "$XDG_DATA_HOME/kwalletd",
                "~/.kde/share/apps/kwallet",
                "~/.1password", "$XDG_CONFIG_HOME/op", "$XDG_CONFIG_HOME/1Password",
                "$XDG_CONFIG_HOME/Bitwarden",
                "$XDG_CONFIG_HOME/Bitwarden CLI", "$XDG_CONFIG_HOME/keepassxc", "$XDG_CONFIG_HOME/sops",
                "$XDG_CONFIG_HOME/age", "~/.pki",
            ]
        ),
        (
            "browser profiles",
            [
                "~/.mozilla", "$XDG_CONFIG_HOME/mozilla", "~/.thunderbird", "$XDG_CONFIG_HOME/chromium",
                "$XDG_CONFIG_HOME/google-chrome", "$XDG_CONFIG_HOME/google-chrome-beta",
                "$XDG_CONFIG_HOME/microsoft-edge", "$XDG_CONFIG_HOME/BraveSoftware",
                "$XDG_CONFIG_HOME/vivaldi", "$XDG_CONFIG_HOME/opera", "~/.var/app", "~/snap/firefox",
                "~/snap/chromium",
            ]
        ),
        (
            "shell and program histories",
            [
                "~/.bash_history", "~/.zsh_history", "~/.zhistory", "~/.histfile", "~/.sh_history",
                "~/.ash_history",
                "~/.ksh_history", "$XDG_DATA_HOME/fish/fish_history", "$XDG_STATE_HOME/bash",
                "$XDG_STATE_HOME/zsh", "$XDG_DATA_HOME/zsh", "$XDG_DATA_HOME/atuin", "~/.python_history",
                "~/.node_repl_history", "~/.psql_history", "~/.mysql_history", "~/.sqlite_history",
                "~/.rediscli_history", "~/.irb_history", "~/.lesshst", "$XDG_STATE_HOME/lesshst",
                "~/.viminfo",
                "$XDG_DATA_HOME/recently-used.xbel",
            ]
        ),
        (
            "a coding agent's login and sessions",
            [
                "~/.claude", "~/.claude/.credentials.json", "~/.claude.json", "$XDG_CONFIG_HOME/claude",
                "$XDG_CONFIG_HOME/Claude", "~/.codex", "~/.codex/auth.json", "~/.gemini", "~/.cursor",
                "$XDG_CONFIG_HOME/Cursor", "$XDG_CONFIG_HOME/github-copilot", "~/.copilot",
                "~/.aider.conf.yml",
                "$XDG_DATA_HOME/opencode", "$XDG_CONFIG_HOME/opencode", "$XDG_CONFIG_HOME/goose",
                "~/.continue",
                "~/.qwen", "$XDG_DATA_HOME/mews/agents",
            ]
        ),
        (
            "wallets",
            [
                "~/.bitcoin", "~/.ethereum", "~/.electrum", "~/.monero", "$XDG_CONFIG_HOME/solana",
                "~/.config/Exodus",
                "~/.near-credentials",
            ]
        ),
        (
            "sockets of agents and daemons",
            [
                "$XDG_RUNTIME_DIR", "/run/user", "/run/docker.sock", "/var/run/docker.sock", "/run/docker",
                "/run/podman", "/run/containerd", "/run/crio", "/run/k3s", "/run/dbus", "/run/systemd",
                "/run/libvirt", "/run/snapd.socket", "/run/snapd-snap.socket", "/run/secrets",
                "/run/credentials",
                "/tmp/.X11-unix", "/tmp/ssh-*", "~/.docker/run", "~/.docker/desktop", "~/.colima",
                "~/.lima", "~/.Xauthority", "~/.ICEauthority",
            ]
        ),
        (
            "the host's accounts and private keys",
            [
                "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers",
                "/etc/sudoers.d",
                "/etc/ssl/private", "/etc/ssh", "/etc/security/opasswd", "/etc/krb5.keytab",
                "/etc/NetworkManager/system-connections", "/etc/wireguard", "/etc/kubernetes", "/etc/rancher",
                "/etc/letsencrypt", "/var/lib/kubelet", "/root/.ssh",
            ]
        ),
    ]

    /// The floor of this launch, without what a line of its own grants.
    static func restrictions(
        in context: ProfileContext, except granted: PathIndex = PathIndex()
    ) -> [Restriction] {
        let origin = Origin(authority: .managed, source: "built-in floor")
        // Two entries are one place when two of the XDG variables name the same directory.
        var seen = PathIndex(capacity: 256)
        var restrictions: [Restriction] = []
        restrictions.reserveCapacity(256)
        for entry in entries {
            for path in entry.paths {
                guard let pattern = pattern(of: path, in: context) else { continue }
                let key = PatternKey(pattern).bytes
                guard granted[key] == nil, seen.insert(key) else { continue }
                restrictions.append(Restriction(pattern: pattern, origin: origin, reason: entry.reason))
            }
        }
        return restrictions
    }

    /// What an entry names in this launch; nil when its variable isn't set.
    ///
    /// Most begin with `~/` or `/` and need nothing else: reading all of them as a profile's lines are read
    /// would be a twentieth of the time that a launch takes to decide.
    private static func pattern(of path: String, in context: ProfileContext) -> PathPattern? {
        let bytes = path.utf8
        if bytes.starts(with: "~/".utf8), !bytes.contains(UInt8(ascii: "*")) {
            return context.home?.appending(relative: bytes.dropFirst(2)).map {
                PathPattern(prefix: $0, written: path)
            }
        }
        do throws(ScalarError) {
            let expression = try PathExpression(Array(bytes), wildcards: .component)
            guard
                case .pattern(let pattern) = expression.expanded(in: context, relativeTo: context.workspace)
            else { return nil }
            return pattern
        } catch {
            // A test reads every entry.
            return nil
        }
    }

    /// What can't be granted at all: whoever could write there could widen the next launch, and whoever
    /// could read there could forge the log.
    static func reserved(in context: ProfileContext) -> [Restriction] {
        let origin = Origin(authority: .managed, source: "built-in floor")
        var paths = context.reserved.map { ($0, "where Mews keeps its log and keys") }
        if let state = context.directory(.state) {
            paths.append((state.appending("mews"), "where Mews keeps its log and keys"))
        }
        if let config = context.directory(.config) {
            paths.append((config.appending("mews"), "where Mews finds profiles"))
        }
        paths.append((AbsolutePath.root.appending("etc").appending("mews"), "where Mews finds its policy"))
        var seen = PathIndex()
        return paths.filter { seen.insert($0.0) }.map { path, reason in
            let pattern = PathPattern(prefix: path, written: path.description)
            return Restriction(pattern: pattern, origin: origin, reason: reason)
        }
    }
}
