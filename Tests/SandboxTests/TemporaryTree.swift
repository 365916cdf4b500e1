import Foundation
import Linux

/// A directory of a test's own on the host, removed at its end.
final class TemporaryTree {
    let path: AbsolutePath

    init() throws {
        // Not /tmp itself, of which a part of the view has the name.
        let name = "/var/tmp/mews-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: false)
        path = AbsolutePath(name) ?? .root
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.description)
    }

    func place(_ relative: String) -> AbsolutePath {
        path.appending(relative: Array(relative.utf8)) ?? path
    }

    @discardableResult
    func directory(_ relative: String) throws -> AbsolutePath {
        try FileManager.default.createDirectory(
            atPath: place(relative).description, withIntermediateDirectories: true)
        return place(relative)
    }

    @discardableResult
    func file(_ relative: String, _ content: String = "") throws -> AbsolutePath {
        if let parent = place(relative).parent {
            try FileManager.default.createDirectory(
                atPath: parent.description, withIntermediateDirectories: true)
        }
        try Data(content.utf8).write(to: URL(fileURLWithPath: place(relative).description))
        return place(relative)
    }

    func link(_ relative: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: place(relative).description, withDestinationPath: target)
    }
}
