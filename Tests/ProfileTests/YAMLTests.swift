import TestSupport
import Testing

@testable import Profile

@Suite("A text of any kind is read within bounds")
struct YAMLBoundsTests {
    private func errors(_ text: String) -> [String] {
        YAMLReader.read(Array(text.utf8)).errors.map(\.problem)
    }

    @Test("a file of 1 MiB is read, a byte more is refused")
    func boundsSize() {
        let start = "a: b\n"
        let filler = String(repeating: "#", count: (1 << 20) - start.utf8.count - 1)
        #expect(errors(start + filler + "\n") == [])
        #expect(errors(start + filler + "#\n") == ["the file is larger than 1 MiB"])
    }

    @Test("32 levels are read, one more is refused")
    func boundsDepth() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(errors(nested(32)) == [])
        #expect(errors(nested(33)) == ["nested deeper than 32 levels"])
    }

    @Test("50,000 values are read, one more is refused")
    func boundsCount() {
        let items = String(repeating: "- a\n", count: 49_999)
        #expect(errors(items) == [])
        #expect(errors(items + "- a\n") == ["more than 50000 values"])
    }

    /// Found by fuzzing: each quoted value of a text that isn't ASCII was looked for from the text's beginning,
    /// which took more than 5 seconds for a repository's file of 1 MiB.
    @Test("many quoted values far down a text that isn't ASCII are found at once", .timeLimit(.minutes(1)))
    func findsQuotedValues() throws {
        let filler = String(repeating: "# \u{e9}\n", count: 130_000)
        let items = String(repeating: "- \"\\xe9\"\n", count: 40_000)
        var root: YAMLNode?
        let time = ProcessorTime.seconds(runs: 1) {
            root = YAMLReader.read(Array((filler + items).utf8)).root
        }
        guard case .sequence(let values) = try #require(root).content,
            case .scalar(let last) = try #require(values.last).content
        else { return #expect(Bool(false), "not a list of values") }
        #expect(last.bytes == [0xe9])
        #expect(time < 20)
    }

    @Test("random bytes and damaged profiles are read or refused, and never end the program")
    func survivesDamage() throws {
        var random = SplitMix(seed: 7)
        let path = "\(FixtureTests.directory)/good/full.yaml"
        let sound = try #require(TestHost.contents(ofFile: path))
        for round in 0..<600 {
            var bytes = sound
            if round % 3 == 0 {
                bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            } else {
                for _ in 0..<(1 + round % 7) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch round % 5 {
                    case 0: bytes.remove(at: place)
                    case 1:
                        bytes.insert(
                            Array("[]{}:-&*!|>'\"%@`,\\\n ".utf8).randomElement(using: &random) ?? 0,
                            at: place)
                    case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
                    case 3: bytes.removeLast(bytes.count - place)
                    default: bytes.insert(contentsOf: bytes[place...].prefix(30), at: place)
                    }
                    if bytes.isEmpty { break }
                }
            }
            for diagnostic in PolicyBuilder.check(bytes, kind: .user, source: "x") {
                #expect(diagnostic.origin.line > 0 && diagnostic.origin.column > 0)
                #expect(!diagnostic.problem.isEmpty && !diagnostic.remedy.isEmpty)
            }
        }
    }
}

@Suite("A path of a profile is bytes")
struct YAMLBytesTests {
    private func bytes(_ scalar: String, before: String = "") throws -> [UInt8] {
        let root = try #require(YAMLReader.read(Array("\(before)a: \(scalar)\n".utf8)).root)
        guard case .mapping(let entries) = root.content, case .scalar(let value) = entries[0].value.content
        else { throw TestHost.NotAPath(text: scalar) }
        return value.bytes
    }

    @Test("\\xNN in double quotes is that byte, beside other escapes and text that isn't ASCII")
    func readsByteEscapes() throws {
        #expect(try bytes(#""/a\xff""#) == Array("/a".utf8) + [0xff])
        #expect(try bytes(#""/ü\xc3\u00e9\t\"\\""#) == Array("/ü".utf8) + [0xc3] + Array("é\t\"\\".utf8))
        #expect(try bytes(#""/\xE9""#, before: "# ü 😀\r\n") == [0x2f, 0xe9])
    }

    @Test("without it, and in other quotes, the text is what it is")
    func leavesText() throws {
        #expect(try bytes(#""/\u00ff""#) == Array("/ÿ".utf8))
        #expect(try bytes(#"'/a\xff'"#) == Array(#"/a\xff"#.utf8))
        #expect(try bytes(#""a\\xff""#) == Array(#"a\xff"#.utf8))
    }

    @Test("a position counts characters, so that editors find it")
    func countsCharacters() {
        let errors = YAMLReader.read(Array("ü: {ä: 1, ä: 2}\n".utf8)).errors
        #expect(errors.map(\.position) == [YAMLPosition(line: 1, column: 11)])
    }
}
