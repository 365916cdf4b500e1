import Foundation
import Linux
import Testing

@testable import Sandbox

@Suite("The published denials are bounded, and depend on nothing")
struct PublishedDenialsTests {
    private let tree: TemporaryTree
    private let scratch: Int32

    init() throws {
        tree = try TemporaryTree()
        try tree.file("published/denials")
        scratch = try Files.open(CString(tree.path), [.pathOnly, .directory, .closeOnExec]).release()
    }

    private var content: String {
        (try? String(contentsOfFile: tree.place("published/denials").description, encoding: .utf8)) ?? ""
    }

    private func open(hides: Bool) throws -> PublishedDenials {
        guard let denials = PublishedDenials(scratch: scratch, hides: hides) else { throw Errno.noEntry }
        return denials
    }

    @Test("a line each, in order")
    func appends() throws {
        var denials = try open(hides: false)
        denials.append(Array("{\"a\":1}".utf8), isOutside: true)
        denials.append(Array("{\"a\":2}".utf8), isOutside: false)
        #expect(content == "{\"a\":1}\n{\"a\":2}\n")
        let missing = denials.missing
        #expect(missing == 0)
    }

    @Test("a full file says so once, and what is missing is counted")
    func isBounded() throws {
        var denials = try open(hides: false)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
        for _ in 0..<300 { denials.append(line, isOutside: false) }
        let text = content
        #expect(text.utf8.count <= PublishedDenials.greatestSize)
        #expect(text.hasSuffix("x\n{\"full\":true}\n"))
        let missing = denials.missing
        #expect(missing == 300 - text.split(separator: "\n").filter { $0.hasPrefix("x") }.count)
        #expect(missing > 0)
    }

    @Test("with hide only what is in the view is told")
    func hides() throws {
        var denials = try open(hides: true)
        denials.append(Array("outside".utf8), isOutside: true)
        denials.append(Array("inside".utf8), isOutside: false)
        #expect(content == "inside\n")
    }

    @Test("a link in the place of the file isn't followed, and a missing one is none")
    func isCareful() throws {
        let file = tree.place("published/denials").description
        try FileManager.default.removeItem(atPath: file)
        if PublishedDenials(scratch: scratch, hides: false) != nil {
            Issue.record("a missing file was opened")
        }
        try tree.file("target")
        try tree.link("published/denials", to: tree.place("target").description)
        if PublishedDenials(scratch: scratch, hides: false) != nil { Issue.record("a link was followed") }
    }
}
