import Glibc
import Linux

@testable import Profile

/// A made-up host for policies: directories that don't exist, files held in memory, and the repository's
/// own `profiles` directory.
struct TestHost {
    var home: AbsolutePath?
    var workspace: AbsolutePath
    var environment: [String: [UInt8]] = [:]
    var reserved: [AbsolutePath] = []
    /// Profiles by path, besides the built-in ones.
    var files: [String: String] = [:]

    static let builtInDirectory = "\(packageDirectory)/profiles"
    static let packageDirectory = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

    init() throws {
        home = AbsolutePath("/home/kim")
        workspace = try Self.path("/home/kim/src/app")
    }

    static func path(_ text: String) throws -> AbsolutePath {
        guard let path = AbsolutePath(text) else { throw NotAPath(text: text) }
        return path
    }

    struct NotAPath: Error {
        let text: String
    }

    func context() throws -> ProfileContext {
        try ProfileContext(
            home: home, workspace: workspace, cache: Self.path("/home/kim/.cache/mews/0123abcd"),
            variable: { environment[$0] }, builtInDirectory: Self.path(Self.builtInDirectory),
            reserved: reserved)
    }

    func builder() throws -> PolicyBuilder {
        PolicyBuilder(
            context: try context(),
            read: { (path, _) throws(Diagnostic) in
                if let text = files[path.description] { return Array(text.utf8) }
                guard path.description.hasPrefix(Self.builtInDirectory) else { return nil }
                return Self.contents(ofFile: path.description)
            },
            list: { directory in
                if directory.description == Self.builtInDirectory {
                    return Self.names(in: Self.builtInDirectory)
                }
                return files.keys.filter { $0.hasPrefix(directory.description + "/") }
                    .map { String($0.dropFirst(directory.bytes.count + 1)) }
            })
    }

    func policy(
        profiles: [String] = [], repository: String? = nil, change: (inout PolicyRequest) -> Void = { _ in }
    ) throws -> Policy {
        var host = self
        var request = PolicyRequest(profiles: profiles, currentDirectory: workspace)
        if let repository {
            let file = workspace.appending(".mews.yaml")
            host.files[file.description] = repository
            request.repositoryFile = file
        }
        change(&request)
        return try host.builder().policy(for: request)
    }

    /// A policy of one profile with this text.
    func policy(
        of text: String, repository: String? = nil, change: (inout PolicyRequest) -> Void = { _ in }
    ) throws -> Policy {
        var host = self
        host.files["/p/test.yaml"] = text
        return try host.policy(profiles: ["/p/test.yaml"], repository: repository, change: change)
    }

    /// What is wrong with a policy, as its messages; empty when nothing is.
    func messages(
        of text: String, repository: String? = nil, change: (inout PolicyRequest) -> Void = { _ in }
    ) throws -> [String] {
        do {
            _ = try policy(of: text, repository: repository, change: change)
            return []
        } catch let error as ProfileError {
            return error.diagnostics.map(\.description)
        }
    }

    static func contents(ofFile path: String) -> [UInt8]? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = unsafe getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return bytes
    }

    static func names(in directory: String) -> [String] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { raw in
                unsafe Array(raw.prefix { $0 != 0 })
            }
            names.append(String(decoding: name, as: UTF8.self))
        }
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }
}
