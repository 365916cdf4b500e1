/// The format of profiles, version 1.
public enum ProfileSchema {
    /// The keys of a profile.
    static let fields: [SchemaField] = [
        SchemaField(
            "version", .scalar(.version), .version, "The version of this format: 1.", isForRepository: true),
        SchemaField("name", .scalar(.profileName), .name, "What the profile is called in messages."),
        SchemaField("description", .scalar(.text), .description, "One sentence on what the profile is for."),
        SchemaField(
            "require", .scalar(.choice(["full", "namespaces", "landlock"])), .require,
            "The level of protection below which nothing is started.", isForRepository: true),
        SchemaField(
            "extends", .list(.scalar(.profileReference)), .extends,
            "Profiles that are applied first: names, or paths beside this file."),
        SchemaField("filesystem", "What of the file system is in the view.", fields: fileSystem),
        SchemaField("network", "What can be reached. Nothing listed: no network.", fields: network),
        SchemaField("process", "Environment, limits and system calls.", fields: process),
        SchemaField("audit", "What is written to the log, and how.", fields: audit),
        SchemaField(
            "tests", .list(.scalar(.test)), .tests,
            "What the policy must answer: allow|deny read|write|exec PATH, allow|deny connect HOST[:PORT].",
            isForRepository: true),
    ]

    private static let fileSystem: [SchemaField] = [
        SchemaField(
            "workspace", .scalar(.choice(["write", "read", "none"], later: ["cow"])), .workspace,
            "The access to the workspace.", isForRepository: true),
        SchemaField(
            "read", .list(.either(.path(.component), createdPath)), .read,
            "Paths that can be read, listed and executed.", isForRepository: true),
        SchemaField(
            "write", .list(.either(.path(.component), createdPath)), .write,
            "Paths that can also be changed.", isForRepository: true),
        SchemaField(
            "deny", .list(.scalar(.path(.anyDepth))), .deny,
            "Paths that are masked whatever else grants them.", isForRepository: true),
        SchemaField(
            "protect", .list(.scalar(.path(.anyDepth))), .protect,
            "Paths that stay readable and can't be changed.", isForRepository: true),
        SchemaField(
            "hide", .scalar(.flag), .hide,
            "true: what is outside the view answers ENOENT rather than EACCES.", isForRepository: true),
        SchemaField("tmp", .scalar(.size), .temporarySize, "The size of the private /tmp."),
    ]

    private static let createdPath = SchemaRecord(
        [
            .init("path", .scalar(.path(.none)), "The path."),
            .init(
                "create", .scalar(.choice(["dir"])), "dir: make the directory (0700) when it is missing."),
        ],
        required: ["path"])

    private static let network: [SchemaField] = [
        SchemaField(
            "allow", .list(.either(.hostRule, networkRule)), .networkAllow,
            "Hosts that can be reached; a host alone is its port 443, by TLS.", isForRepository: true),
        SchemaField(
            "deny", .list(.scalar(.hostOrAddressRule)), .networkDeny,
            "Hosts that can't be reached although a line allows them.", isForRepository: true),
        SchemaField(
            "hosts", .dictionary(name: .hostName, value: .addressOfName), .networkHosts,
            "The address of a name, and the permission to use it at the ports allowed to the name."),
        SchemaField(
            "loopback", "Ports that cross the sandbox's border.",
            fields: [
                SchemaField(
                    "connect", .list(.scalar(.loopbackPort)), .loopbackConnect,
                    "Ports of the host's loopback that can be reached, at the same port of the sandbox's own."
                ),
                SchemaField(
                    "publish", .list(.scalar(.integer(ScalarKind.ports))), .loopbackPublish,
                    "Ports inside that the host's loopback can reach.", availability: .later),
            ]),
        SchemaField(
            "upstream", .record(upstream), .upstream, "The proxy through which hosts are reached.",
            availability: .later),
        SchemaField(
            "unix", .list(.either(.path(.none), unixSocket)), .unixSockets,
            "Sockets of the host that can be connected to."),
    ]

    private static let unixSocket = SchemaRecord(
        [
            .init("path", .scalar(.path(.none)), "The socket."),
            .init(
                UnixSocketGrant.understanding, .scalar(.flag),
                "true: also a socket of Docker, systemd or an agent, which gives more rights than the sandbox has."
            ),
        ],
        required: ["path"])

    private static let networkRule = SchemaRecord(
        [
            .init("host", .scalar(.hostPattern), "An exact name, or *. and a name."),
            .init("address", .scalar(.address), "An IPv4 or IPv6 address."),
            .init("ports", .list(.scalar(.integer(ScalarKind.ports))), "The ports; 443 without."),
            .init(
                "protocol", .scalar(.choice(["tls", "http", "tcp", "auto"])),
                "What the first bytes have to be."),
            .init(
                "addresses", .scalar(.choice(["public", "private"])),
                "private: the name may have a private address."),
        ],
        oneOf: ["host", "address"], excluded: [("address", "addresses")], check: NetworkLine.check)

    private static let upstream = SchemaRecord(
        [
            .init("url", .scalar(.proxyURL), "http://HOST:PORT"),
            .init("credentials", .scalar(.credentialsReference), "Where the credentials are: env:NAME."),
        ],
        required: ["url"])

    private static let process: [SchemaField] = [
        SchemaField(
            "env", "The environment.",
            fields: [
                SchemaField(
                    "pass", .list(.scalar(.variablePattern)), .pass,
                    "Variables that are handed on; a * at the end matches any rest.", isForRepository: true),
                SchemaField(
                    "set", .dictionary(name: .variableName, value: .variableValue), .set,
                    "Variables that are set. A value may begin with ${workspace}, ${cache} or $XDG_…/."),
            ]),
        SchemaField(
            "limits", "What the command may use up.",
            fields: [
                SchemaField("time", .scalar(.duration), .time, "Wall time.", isForRepository: true),
                SchemaField(
                    "processes", .scalar(.integer(1...4_194_304)), .processes,
                    "Processes and threads at once.", isForRepository: true),
                SchemaField(
                    "open-files", .scalar(.integer(16...1_073_741_816)), .openFiles,
                    "Open descriptors of one process.", isForRepository: true),
                SchemaField(
                    "file-size", .scalar(.size), .fileSize, "The largest file.", isForRepository: true),
                SchemaField(
                    "memory", .scalar(.size), .memory, "Memory of all processes together.",
                    availability: .later, isForRepository: true),
                SchemaField(
                    "cpu", .scalar(.integer(1...4096)), .cpu, "Processors' worth of time.",
                    availability: .later, isForRepository: true),
            ]),
        SchemaField(
            "syscalls", "System calls, beside the built-in list.",
            fields: [
                SchemaField("allow", .list(.scalar(.syscall)), .allowedSyscalls, "Allow these as well."),
                SchemaField(
                    "deny", .list(.scalar(.syscall)), .deniedSyscalls, "Refuse these as well.",
                    isForRepository: true),
            ]),
        SchemaField("debug", .scalar(.flag), .debug, "ptrace among the command's own children."),
    ]

    private static let audit: [SchemaField] = [
        SchemaField(
            "level", .scalar(.choice(["denied", "commands"])), .auditLevel,
            "What is recorded: what was denied, or also each command that was started.",
            isForRepository: true),
        SchemaField(
            "reads", .scalar(.choice(["auto", "fuse", "off"], later: ["notify"])), .auditReads,
            "How denied reads are seen. auto: by FUSE where /dev/fuse can be opened, else not."),
        SchemaField(
            "durability", .scalar(.choice(["process", "power"])), .auditDurability,
            "What a record outlives: the processes, or also a power cut."),
        SchemaField(
            "on-failure", .scalar(.choice(["stop", "gap"])), .auditOnFailure,
            "What happens when the log can't be written: the command is stopped, or a gap is recorded."),
        SchemaField(
            "retain", .scalar(.duration), .auditRetain, "How long logs are kept, at least."),
        SchemaField(
            "redact", .list(.scalar(.secret)), .auditRedact,
            "Texts that are replaced before a record is written."),
    ]
}
