import Foundation
import Linux
import Profile
import Testing

@testable import Sandbox

@Suite("A line of network.unix opens one socket, and none that leads out of the sandbox")
struct SocketGrantTests {
    private let tree: TemporaryTree

    init() throws {
        tree = try TemporaryTree()
        try tree.directory("home/w")
        try tree.directory("prefix/bin")
    }

    private func socket(_ relative: String) throws -> AbsolutePath {
        let path = tree.place(relative)
        if let parent = path.parent {
            try FileManager.default.createDirectory(
                atPath: parent.description, withIntermediateDirectories: true)
        }
        let listener = try unixListener(at: path.description)
        close(listener)
        return path
    }

    private func view(
        of path: AbsolutePath, isUnderstoodAsRoot: Bool = false, variables: [String] = [],
        text: String = "version: 1\nfilesystem: {workspace: write}\n"
    ) throws -> (View, Origin) {
        let home = tree.place("home")
        let workspace = tree.place("home/w")
        let profiles = ProfileContext(
            home: home, workspace: workspace, cache: home, variable: { _ in nil }, builtInDirectory: .root,
            reserved: [])
        let builder = PolicyBuilder(context: profiles) { _, _ throws(Diagnostic) in Array(text.utf8) }
        var policy = try builder.policy(
            for: PolicyRequest(profiles: ["/p.yaml"], currentDirectory: workspace))
        let origin = Origin(authority: .user, source: "/p.yaml", line: 4, column: 12)
        policy.network.unixSockets = [
            UnixSocketGrant(
                pattern: PathPattern(prefix: path, written: path.description),
                isUnderstoodAsRoot: isUnderstoodAsRoot, origin: origin)
        ]
        let facts = HostFacts(
            user: 1000, group: 1000, userName: Array("u".utf8), home: home,
            environment: variables.map { Array($0.utf8) }, currentDirectory: workspace)
        let view = try ViewBuilder(
            policy: policy, facts: facts, workspace: workspace,
            installation: Installation(prefix: tree.place("prefix")),
            cache: CacheDirectory(facts, workspace: workspace), changesHost: false
        ).build()
        return (view, origin)
    }

    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was refused"
        } catch let error as SandboxError {
            return error.description
        } catch {
            return "\(error)"
        }
    }

    @Test("The socket is mounted by itself, and can't be exchanged")
    func mount() throws {
        let path = try socket("run/some.sock")
        let (view, origin) = try view(of: path)
        let mount = try #require(view.mounts.first { $0.destination == path })
        #expect(mount.reason == .grant)
        #expect(mount.access == .read)
        #expect(!mount.isDirectory)
        #expect(mount.origin == origin)
    }

    @Test("In a tree that can be written it is held where it is")
    func pinned() throws {
        let path = try socket("home/w/a/b.sock")
        let (view, _) = try view(of: path)
        #expect(view.mounts.first { $0.destination == path }?.access == .read)
        #expect(view.mounts.first { $0.destination == path.parent }?.reason == .pin)
    }

    @Test("What isn't a socket is an error at its line", arguments: ["file", "directory"])
    func otherKind(_ kind: String) throws {
        let path = kind == "file" ? try tree.file("run/x") : try tree.directory("run/x")
        #expect(
            refusal { _ = try view(of: path) }
                == "/p.yaml:4:12: \(path) isn't a socket; files and directories stand in filesystem.read or "
                + "filesystem.write")
    }

    @Test("What isn't there is skipped and shown")
    func missing() throws {
        let (view, _) = try view(of: tree.place("run/none.sock"))
        #expect(view.skipped.contains { $0.written.hasSuffix("run/none.sock") })
    }

    @Test(
        "A socket behind which a program does what it is told is refused, unless that is understood",
        arguments: [
            ("run/docker.sock", "as good as root"), ("x/podman.sock", "as good as root"),
            ("run/containerd-shim.sock", "as good as root"), ("run/crio.sock", "as good as root"),
            ("run/snapd.socket", "acts as root"), ("run/system_bus_socket", "outside of the sandbox"),
            ("run/S.gpg-agent.ssh", "the user's keys"), ("t/agent.12", "the user's keys"),
            ("run/wayland-0", "the keyboard"), ("run/vscode-ipc-1.sock", "outside of the sandbox"),
        ])
    func privileged(_ place: String, _ reason: String) throws {
        let path = try socket(place)
        let message = refusal { _ = try view(of: path) }
        #expect(
            message.hasPrefix("/p.yaml:4:12: \(path) can't be granted like another socket: whoever reaches"))
        #expect(message.contains(reason))
        #expect(message.contains("i-understand-this-is-root: true"))
        let opened = try view(of: path, isUnderstoodAsRoot: true).0
        #expect(opened.mounts.contains { $0.destination == path })
    }

    @Test("Through a link the target counts")
    func link() throws {
        let path = try socket("run/docker.sock")
        try tree.link("run/harmless", to: "docker.sock")
        let message = refusal { _ = try view(of: tree.place("run/harmless")) }
        #expect(message.contains("which leads to \(path), can't be granted"))
    }

    @Test("What the environment names as an agent or a daemon is one, wherever it is")
    func environment() throws {
        let path = try socket("home/mine")
        #expect(
            refusal { _ = try view(of: path, variables: ["SSH_AUTH_SOCK=\(path)"]) }.contains("SSH_AUTH_SOCK")
        )
        #expect(
            refusal { _ = try view(of: path, variables: ["DOCKER_HOST=unix://\(path)"]) }.contains(
                "DOCKER_HOST"))
    }

    @Test("A line of filesystem opens none of them either")
    func fileSystemLine() throws {
        let path = try socket("run/docker.sock")
        let text = "version: 1\nfilesystem: {read: [\"\(path)\"]}\n"
        let message = refusal { _ = try view(of: tree.place("none"), text: text) }
        #expect(message.contains("/p.yaml:2:21: \(path) can't be granted like another socket"))
    }

    @Test("A place of the floor is opened by the line that names it, for that socket alone")
    func floor() throws {
        let path = try socket("home/.gnupg/S.gpg-agent")
        let (view, _) = try view(of: path, isUnderstoodAsRoot: true)
        #expect(view.mounts.contains { $0.destination == path })
        // Above it there is only what /var/tmp of the sandbox's own needs for it.
        #expect(view.mounts.allSatisfy { $0.destination != path.parent || $0.reason == .pin })
    }
}

/// A socket in the file system; its descriptor.
private func unixListener(at path: String) throws -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8) + [0]
    try #require(bytes.count <= 108)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    try #require(result == 0)
    return descriptor
}
