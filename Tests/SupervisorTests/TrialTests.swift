import Foundation
import Testing

/// Programs that take a process and a sandbox of their own.
private struct Script {
    static let isRoot = getuid() == 0
    static let checkout = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized

    /// The helper program beside the tests.
    static var trial: URL {
        Bundle.module.bundleURL.deletingLastPathComponent().appending(path: "trial")
    }

    /// Runs a fixture and gives its status with all that it wrote.
    static func run(_ name: String, _ arguments: [String], in directory: URL? = nil) throws -> (
        status: Int32, output: String
    ) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        let script = checkout.appending(path: "Tests/SupervisorTests/Fixtures/\(name)").path
        process.arguments = ["-B", script] + arguments
        if let directory { process.currentDirectoryURL = directory }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    /// A fresh directory that isn't in one of the places that every sandbox has for itself.
    static func directory() throws -> URL {
        let path = FileManager.default.homeDirectoryForCurrentUser.appending(
            path: "mews-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        return path
    }
}

@Suite("What is foretold of a call is what the kernel says, and nothing that hangs is waited for")
struct TrialTests {
    @Test("Every call that changes files, in every kind of place", arguments: ["notify", "off"])
    func difference(mode: String) throws {
        let base = try Script.directory()
        defer { try? FileManager.default.removeItem(at: base) }
        let profiles = Script.checkout.appending(path: "profiles").path
        let result = try Script.run("differential.py", [Script.trial.path, profiles, base.path, mode])
        #expect(result.status == 0, "\(result.output.suffix(4000))")
    }

    @Test("A FUSE file system and an automounter that never answer", .enabled(if: Script.isRoot))
    func hungMounts() throws {
        let base = try Script.directory()
        defer { try? FileManager.default.removeItem(at: base) }
        let result = try Script.run("hung_mounts.py", [Script.trial.path, base.path])
        #expect(result.status == 0, "\(result.output)")
    }

    /// In a container whose runtime listens, the kernel allows no second listener (EBUSY).
    @Test("Where another filter has the listener, the command runs under the same filter without one")
    func outerListener() throws {
        let base = try Script.directory()
        defer { try? FileManager.default.removeItem(at: base) }
        let files = FileManager.default
        for name in ["prefix/bin", "prefix/share/mews", "workspace"] {
            try files.createDirectory(
                at: base.appending(path: name), withIntermediateDirectories: true)
        }
        let trial = base.appending(path: "prefix/bin/trial")
        try files.copyItem(at: Script.trial, to: trial)
        try files.copyItem(
            at: Script.checkout.appending(path: "profiles"),
            to: base.appending(path: "prefix/share/mews/profiles"))
        let acts = base.appending(path: "acts")
        let result = try Script.run(
            "outer_listener.py",
            [
                trial.path, acts.path, "notify", "--profile", "workspace", "--", "/bin/sh", "-c",
                "grep Seccomp: /proc/self/status; touch made; unshare -U true || exit 9",
            ], in: base.appending(path: "workspace"))
        #expect(result.status == 9, "\(result.output)")
        #expect(result.output.contains("Seccomp:\t2"))
        #expect(files.fileExists(atPath: base.appending(path: "workspace/made").path))
        let recorded = try String(contentsOf: acts, encoding: .utf8)
        #expect(recorded == "{\"unlistened\": 16}\n{\"notifications\": 0}\n")
    }
}
