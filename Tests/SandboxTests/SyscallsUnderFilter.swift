import Foundation
import Linux
@testable import Sandbox

/// Runs programs as an unprivileged user with and without a filter that the kernel enforces.
struct UnderFilter {
    struct Outcome: Equatable {
        var output: String
        var status: Int32
    }

    static let python = "/usr/bin/python3"

    /// Whether a program can be run by everybody; a test of what isn't installed proves nothing.
    static func isInstalled(_ paths: String...) -> Bool {
        paths.allSatisfy { path in
            // Below a home directory of root, another user can't reach it.
            !path.hasPrefix("/root/") && FileManager.default.isExecutableFile(atPath: path)
        }
    }

    /// A name for a directory that nobody else uses.
    static func freshDirectory() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "mews-\(UUID().uuidString)")
    }

    /// Runs a command in an empty directory, without a filter where nil.
    static func run(
        _ filter: SyscallFilter?, _ command: [String], input: String = "", in work: URL = freshDirectory()
    ) throws -> Outcome {
        let directory = freshDirectory()
        for path in [directory, work] {
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path.path)
        }
        defer { for path in [directory, work] { try? FileManager.default.removeItem(at: path) } }
        var program = "none"
        if let filter {
            program = directory.appending(path: "filter").path
            let bytes = unsafe filter.instructions.withUnsafeBytes { unsafe Data($0) }
            try bytes.write(to: URL(filePath: program))
        }
        // The loader is read by the other user too, wherever the source lies.
        let loader = directory.appending(path: "under_filter.py")
        try fixture("under_filter.py").write(to: loader, atomically: true, encoding: .utf8)
        try input.write(to: directory.appending(path: "input"), atomically: true, encoding: .utf8)

        let environment = [
            "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=\(work.path)", "LANG=C.UTF-8",
            "GOCACHE=\(work.path)/cache", "GOFLAGS=-mod=mod", "GIT_CONFIG_NOSYSTEM=1",
        ]
        let status = try spawn(
            [python, loader.path, directory.path, work.path, program] + command, environment)
        let output = try Data(contentsOf: directory.appending(path: "output"))
        return Outcome(output: String(decoding: output, as: UTF8.self), status: status)
    }

    /// Runs a program to its end and returns the status as a shell gives it.
    private static func spawn(_ arguments: [String], _ environment: [String]) throws -> Int32 {
        var child: pid_t = 0
        let argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let envp = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        let code = unsafe posix_spawn(&child, arguments[0], nil, nil, argv, envp)
        guard code == 0 else { throw Errno(code) }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw Errno(errno) }
        }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }

    static func fixture(_ name: String) throws -> String {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Fixtures/Syscalls/\(name)")
        return try String(contentsOf: path, encoding: .utf8)
    }
}
