import Audit
import Linux
import Testing

@testable import Sandbox
@testable import Supervisor

@Suite("The skeleton, for what is in it")
struct SkeletonServerTests {
    @Test("Its own nodes are found again under the same number, for as long as the mount lasts")
    func ownNodes() {
        var skeleton = SkeletonFixture()
        let first = skeleton.lookUp("usr")
        #expect(first.errno == nil)
        // A mount whose mount point isn't found again would be taken away.
        #expect(first.entryValidity == 1 << 31)
        #expect(skeleton.lookUp("usr").node == first.node)
        #expect(skeleton.lookUp("etc").mode == 0o040755)
        #expect(skeleton.lookUp("bin").mode == 0o120777)
        #expect(skeleton.walk("/etc/passwd").mode == 0o100444)
        #expect(skeleton.host.events.isEmpty)
    }

    @Test("A link of the host is told as it is, and nothing else is a link")
    func links() {
        var skeleton = SkeletonFixture()
        let link = skeleton.lookUp("bin").node
        #expect(skeleton.ask(5, link)?.body == Array("usr/bin".utf8))
        #expect(skeleton.ask(5, 1)?.errno == .invalidArgument)
    }

    @Test("Directories are listed with the kernel's knowledge of what is in them, and without the masks")
    func listing() {
        var skeleton = SkeletonFixture()
        #expect(skeleton.ask(27, 1)?.errno == nil)
        #expect(names(&skeleton, of: 1, plus: true) == [".", "..", "usr", "etc", "bin", "w"])
        #expect(names(&skeleton, of: 1, plus: false) == [".", "..", "usr", "etc", "bin", "w"])
    }

    @Test("A listing continues where the buffer was full, and ends")
    func continuedListing() {
        var skeleton = SkeletonFixture()
        for size: UInt32 in [160, 200, 400, 4096] {
            #expect(names(&skeleton, of: 1, plus: true, size: size) == [".", "..", "usr", "etc", "bin", "w"])
        }
        #expect(list(&skeleton, 1, offset: 6, size: 4096, plus: true)?.body == [])
        #expect(list(&skeleton, 1, offset: .max, size: .max, plus: true)?.body == [])
    }

    private func list(
        _ skeleton: inout SkeletonFixture, _ node: UInt64, offset: UInt64, size: UInt32, plus: Bool
    ) -> TestReply? {
        var body = FuseWriter()
        body.long(0)
        body.long(offset)
        body.word(size)
        body.append([UInt8](repeating: 0, count: 20))
        return skeleton.ask(plus ? 44 : 28, node, body.bytes)
    }

    private func names(
        _ skeleton: inout SkeletonFixture, of node: UInt64, plus: Bool, size: UInt32 = 4096
    ) -> [String] {
        var names: [String] = []
        var offset: UInt64 = 0
        while names.count < 100, let reply = list(&skeleton, node, offset: offset, size: size, plus: plus),
            !reply.body.isEmpty
        {
            #expect(reply.body.count <= Int(size))
            var rest = reply.body[...]
            while !rest.isEmpty {
                var reader = FuseReader(rest.dropFirst(plus ? FuseReply.entrySize : 0))
                _ = reader.long()
                offset = reader.long() ?? 0
                let length = Int(reader.word() ?? 0)
                _ = reader.word()
                let header = (plus ? FuseReply.entrySize : 0) + 24
                names.append(String(decoding: rest.dropFirst(header).prefix(length), as: UTF8.self))
                rest = rest.dropFirst((header + length + 7) / 8 * 8)
            }
        }
        return names
    }

    @Test("The masks have names for process 1 alone, and none once somebody else has asked")
    func masks() {
        var skeleton = SkeletonFixture()
        let own = SkeletonServer.ownThread
        let directory = skeleton.lookUp("\u{1}", thread: own)
        #expect(directory.errno == nil)
        #expect(directory.entryValidity == 0)
        #expect(skeleton.lookUp("0", in: directory.node, thread: own).mode == 0o100000)
        #expect(skeleton.lookUp("1", in: directory.node, thread: own).mode == 0o040111)
        #expect(skeleton.lookUp("2", in: directory.node, thread: own).errno == .noEntry)
        // Somebody on the host who looks into the sandbox has no number inside, and doesn't count.
        #expect(skeleton.lookUp("\u{1}", thread: 0).node == 0)
        #expect(skeleton.lookUp("\u{1}", thread: own).errno == nil)
        #expect(skeleton.lookUp("\u{1}", thread: 2).node == 0)
        #expect(skeleton.lookUp("\u{1}", thread: own).node == 0)
        #expect(skeleton.lookUp("0", in: directory.node, thread: own).errno == .noEntry)
    }

    @Test("Nothing in it can be changed, and the calls that the kernel would stop asking for are answered")
    func changes() {
        var skeleton = SkeletonFixture()
        for code: UInt32 in [4, 6, 8, 9, 10, 11, 12, 13, 16, 21, 24, 35, 45, 51] {
            #expect(skeleton.ask(code, 1)?.errno == .readOnlyFileSystem)
        }
        let mask = skeleton.server.attributes(mask: 0).node
        for code: UInt32 in [4, 9, 10, 35] {
            #expect(skeleton.ask(code, mask)?.errno == .accessDenied)
        }
        // ENOSYS for one of these would switch the question off for the whole mount (fuse(4)).
        for code: UInt32 in [3, 14, 27, 34] {
            for node: UInt64 in [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000] {
                #expect(skeleton.ask(code, node, [0, 0, 0, 0, 0, 0, 0, 0])?.errno != .notImplemented)
            }
        }
        #expect(skeleton.ask(22, 1)?.errno == .notImplemented)
    }

    @Test("FORGET and INTERRUPT get no answer, everything else exactly one, of the length it states")
    func answers() {
        var skeleton = SkeletonFixture()
        for code: UInt32 in 0...60 {
            let reply = skeleton.ask(code, 1, [UInt8](repeating: 0, count: 64))
            if [2, 36, 41, 42].contains(code) {
                #expect(reply == nil)
            } else {
                #expect(reply?.number == 99)
                #expect(reply?.length == reply?.count)
            }
        }
    }

    @Test("The version of the protocol is agreed on, and one that is too old refused")
    func initialization() {
        var skeleton = SkeletonFixture()
        let reply = skeleton.ask(
            26, 0, thread: 0, [7, 0, 0, 0, 41, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])
        #expect(reply?.body.count == 64)
        #expect(reply.map { Array($0.body.prefix(5)) } == [7, 0, 0, 0, 31])
        #expect(skeleton.ask(26, 0, [7, 0, 0, 0, 22, 0, 0, 0])?.errno == .protocolError)
        #expect(skeleton.ask(26, 0, [8, 0, 0, 0, 41, 0, 0, 0])?.errno == .protocolError)
    }
}
