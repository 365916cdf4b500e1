import Linux
@testable import Supervisor
import Testing

@Suite("What /proc and a process's memory say of its program")
struct CommandDecodingTests {
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("the numbers, the parent and the most memory are read, a name with anything in it")
    func status() throws {
        let text = """
            Name:\ta\\n\\\\b
            Tgid:\t4711
            PPid:\t4700
            VmHWM:\t   51204 kB
            NStgid:\t4711\t7
            NSpid:\t4712\t8

            """
        let facts = try #require(ProcessFacts(Self.bytes(text)))
        #expect((facts.hostProcess, facts.process, facts.hostParent) == (4711, 7, 4700))
        #expect(facts.name == Self.bytes("a\n\\b"))
        #expect(facts.peakMemory == 51204)
    }

    @Test(
        "what isn't a process's status says nothing",
        arguments: ["", "NStgid:\n", "NStgid:\tx\ty\n", "NStgid:\t-1\t-2\n", "Name:\tNStgid:\t1\t1\n"])
    func noStatus(text: String) {
        #expect(ProcessFacts(Self.bytes(text)) == nil)
    }

    private static func stat(name: String, state: String, fields: [Int: Int] = [:]) -> [UInt8] {
        let rest = (4...52).map { "\(fields[$0] ?? 0)" }.joined(separator: " ")
        return bytes("7 (\(name)) \(state) \(rest)\n")
    }

    @Test("where the image lies is read behind the last parenthesis, for a name can hold some")
    func image() throws {
        let text = Self.stat(name: ") Z (", state: "S", fields: [22: 99, 26: 1, 28: 2, 48: 3])
        let image = try #require(ProcessImage(text))
        #expect((image.start, image.places, image.isEnded) == (99, [1, 2, 3], false))
    }

    @Test("of one that has ended the status is read")
    func ended() throws {
        let image = try #require(ProcessImage(Self.stat(name: "x", state: "Z", fields: [52: 3 << 8])))
        #expect(image.isEnded)
        #expect(image.status == .exited(3))
        #expect(ProcessImage(Self.stat(name: "x", state: "Z", fields: [52: 9]))?.status == .signalled(9))
        #expect(ProcessImage(Self.bytes("7 (x) S 1 2 3")) == nil)
    }

    /// Memory that begins at an address.
    private static func memory(_ content: [UInt8], at start: UInt64) -> (UInt64, Int) -> [UInt8] {
        { address, count in
            guard address >= start, address - start < UInt64(content.count) else { return [] }
            let from = Int(address - start)
            return Array(content[from..<min(content.count, from + count)])
        }
    }

    /// A list of pointers at 4096 to texts that follow one another behind it.
    private static func list(_ texts: [[UInt8]]) -> [UInt8] {
        var next = UInt64(4096 + (texts.count + 1) * 8)
        var pointers: [UInt64] = []
        for text in texts {
            pointers.append(next)
            next += UInt64(text.count + 1)
        }
        let words = (pointers + [0]).flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        return words + texts.flatMap { $0 + [0] }
    }

    @Test("arguments are read as they stand", arguments: [0, 1, 63, 64, 65, 500])
    func arguments(count: Int) {
        let texts = (0..<count).map { Self.bytes("argument \($0)") }
        var reader = ArgumentReader(Self.memory(Self.list(texts), at: 4096))
        #expect(reader.arguments(at: 4096) == texts)
    }

    @Test("more than there is room for isn't read")
    func bounds() {
        let long = [UInt8](repeating: 0x61, count: 100_000)
        var reader = ArgumentReader(Self.memory(Self.list([long, long]), at: 4096))
        #expect(reader.arguments(at: 4096) == [Array(long[..<ArgumentReader.mostBytes])])
        var many = ArgumentReader(Self.memory(Self.list([[UInt8]](repeating: [], count: 100_000)), at: 4096))
        #expect(many.arguments(at: 4096).count == ArgumentReader.mostArguments)
    }

    @Test("a list that leads nowhere gives what came before")
    func broken() {
        var none = ArgumentReader { _, _ in [] }
        #expect(none.arguments(at: 4096).isEmpty)
        #expect(none.arguments(at: 0).isEmpty)
        // Behind the one text the memory ends, and the second pointer is wild.
        var content = Self.list([[0x61], [0x62]])
        content.replaceSubrange(8..<16, with: [UInt8](repeating: 0xff, count: 8))
        var wild = ArgumentReader(Self.memory(content, at: 4096))
        #expect(wild.arguments(at: 4096) == [[0x61]])
        var endless = ArgumentReader { _, count in [UInt8](repeating: 0xff, count: count) }
        #expect(endless.arguments(at: .max - 4) == [])
    }
}
