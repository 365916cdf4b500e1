import Foundation
import Linux
@testable import Supervisor
import Testing

@Suite("The host is looked at without following and without waiting")
struct HostLookupTests {
    @Test("Files, directories and links are told apart, and nothing is followed")
    func kinds() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "lookup-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data().write(to: directory.appending(path: "file"))
        try FileManager.default.createSymbolicLink(
            atPath: directory.appending(path: "link").path, withDestinationPath: "/usr")
        let base = try #require(AbsolutePath(directory.path))
        var host = try HostLookup()
        #expect(ViewAnswer(host.look(at: base)) == .directory)
        #expect(ViewAnswer(host.look(at: base.appending("file"))) == .file)
        #expect(host.look(at: base.appending("link")) == .link(Array("/usr".utf8)))
        #expect(host.look(at: base.appending("none")) == .missing)
        #expect(host.look(at: base.appending("none").appending("none")) == .missing)
        #expect(host.look(at: base.appending("link").appending("bin")) == .missing)
        #expect(host.lookStraight(at: base.appending("link").appending("bin")) == nil)
        #expect(ViewAnswer(host.look(at: .root)) == .directory)
    }

    @Test("What comes and goes while it is looked at is seen")
    func changes() throws {
        var host = try HostLookup()
        let path = try #require(
            AbsolutePath(FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path))
        #expect(host.look(at: path) == .missing)
        try Data().write(to: URL(filePath: path.description))
        #expect(ViewAnswer(host.look(at: path)) == .file)
        try FileManager.default.removeItem(atPath: path.description)
        #expect(host.look(at: path) == .missing)
    }
}
