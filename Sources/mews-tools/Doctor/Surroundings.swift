internal import Linux
internal import Sandbox

/// What stands around this process that can keep a layer from it: which remedy is the right one depends on that.
///
/// Nothing is enforced by it: the environment and files of a container can be made up, and then the advice is for
/// another place.
struct Surroundings {
    /// What runs the container that this process is in.
    enum Engine: String, Encodable {
        case docker
        case podman
        case kubernetes
    }

    /// What runs the container, where that can be told.
    let engine: Engine?
    /// Whether it is a sandbox of Mews.
    let isInsideMews: Bool
    /// Whether a filter of system calls is in force that Mews didn't load.
    let hasFilter: Bool
    /// Whether parts of /proc are covered; the kernel then gives nobody a new one.
    let hasCoveredProcesses: Bool
    /// Whether the root is a directory where nothing is mounted; the kernel then gives no user namespace.
    let isChroot: Bool
    /// What the security module calls this process, such as `docker-default (enforce)`; empty without one.
    let label: String
    /// Whether AppArmor restricts user namespaces to programs that have a profile for them (Ubuntu).
    let hasAppArmorRestriction: Bool
    /// Whether Debian's switch keeps users from making user namespaces.
    let hasDebianRestriction: Bool
    /// Whether the limit of user namespaces is 0.
    let hasNoNamespacesLeft: Bool
    /// Whether root here lacks CAP_SETFCAP, without which it can't be mapped (Linux 5.12).
    let lacksFileCapabilities: Bool

    /// The number of CAP_SETFCAP (linux/capability.h).
    private static let setFileCapabilities: UInt64 = 31

    /// Looks around.
    init(_ facts: HostFacts) {
        let status = Self.fields(of: "/proc/self/status")
        let mounts = Self.mounts()
        engine = Self.engine(facts)
        isInsideMews = Inside.isHere()
        hasFilter = status["Seccomp"] == "2"
        let processes = AbsolutePath.root.appending("proc")
        hasCoveredProcesses = mounts.contains { $0.point != processes && processes.contains($0.point) }
        isChroot = !mounts.isEmpty && !mounts.contains { $0.point == .root }
        label = Examination.line(of: "/proc/self/attr/current") ?? ""
        let kernel = "/proc/sys/kernel/"
        hasAppArmorRestriction =
            Examination.line(of: kernel + "apparmor_restrict_unprivileged_userns") == "1"
        hasDebianRestriction = Examination.line(of: kernel + "unprivileged_userns_clone") == "0"
        hasNoNamespacesLeft = Examination.line(of: "/proc/sys/user/max_user_namespaces") == "0"
        let capabilities = status["CapEff"].flatMap { UInt64($0, radix: 16) } ?? .max
        lacksFileCapabilities = facts.user == 0 && capabilities & (1 << Self.setFileCapabilities) == 0
    }

    /// Whether the label is one of AppArmor's that confines; SELinux's have colons in them.
    var isConfinedByAppArmor: Bool {
        !label.isEmpty && !label.contains(":") && !label.hasPrefix("unconfined")
    }

    /// Whether it is a container's by SELinux.
    var isConfinedBySELinux: Bool { label.contains(":container_") }

    /// The number of the first PID namespace (include/linux/proc_ns.h): whoever is in it is in no container, although
    /// the files that tell of one may be there where an image became a virtual machine.
    private static let firstProcessNamespace = "pid:[4026531836]"

    /// By what the engines leave in their containers.
    private static func engine(_ facts: HostFacts) -> Engine? {
        let namespace = try? Files.readLink(CString("/proc/self/ns/pid"))
        if namespace?.elementsEqual(firstProcessNamespace.utf8) ?? false { return nil }
        if facts.value(of: "KUBERNETES_SERVICE_HOST") != nil { return .kubernetes }
        let marks: [(String, Engine)] = [("/run/.containerenv", .podman), ("/.dockerenv", .docker)]
        return marks.first { (try? Files.status(CString($0.0))) != nil }?.1
    }

    /// `NAME:<tab>VALUE`, as proc_pid_status(5) has it.
    private static func fields(of path: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text(of: path).split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].drop { $0 == UInt8(ascii: "\t") }
            fields[String(decoding: parts[0], as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        return fields
    }

    private static func mounts() -> [MountTable.Mount] {
        MountTable(text(of: "/proc/self/mountinfo")).mounts
    }

    private static func text(of path: String) -> [UInt8] {
        guard let file = try? Files.open(CString(path), [.read, .closeOnExec]) else { return [] }
        return ((try? Files.readAll(file.number, limit: 16 << 20)) ?? nil) ?? []
    }
}
