@testable import Audit
import Testing

@Suite("A line of a log has one spelling")
struct RecordParserTests {
    private func problem(_ text: String) -> String? {
        do throws(RecordSyntaxError) {
            _ = try RecordParser.parse(Array(text.utf8)[...])
            return nil
        } catch {
            return error.description
        }
    }

    @Test(
        "and what is read is written the same again",
        arguments: [
            "{}", #"{"a":[],"b":{},"c":true,"d":false}"#, #"{"a":0,"b":-1,"c":9007199254740992}"#,
            #"{"a":"\"\\\b\t\n\f\r\u0000\u001b\u007f\u009f\u061c\u200b\u202e\u2066\ufeff/é😀"}"#,
            #"{"a-b":1,"a.b":2,"a0":3,"a_":4,"ab":5}"#, #"{"a":[[[[[[[]]]]]]]}"#,
        ])
    func roundTrip(text: String) throws {
        let record = try RecordParser.parse(Array(text.utf8)[...])
        #expect(String(decoding: record.value.canonicalBytes, as: UTF8.self) == text)
    }

    @Test(
        "others are refused, with the place",
        arguments: [
            ("", "not an object at byte 1"), ("[]", "not an object at byte 1"),
            ("{} ", "something follows the record at byte 3"),
            (#"{"b":1,"a":2}"#, "names out of order or doubled at byte 8"),
            (#"{"a":1,"a":2}"#, "names out of order or doubled at byte 8"),
            (#"{"A":1}"#, "not a name of a member at byte 2"),
            (#"{"a":01}"#, "not a value that a record can hold at byte 6"),
            (#"{"a":-0}"#, "not a value that a record can hold at byte 6"),
            (#"{"a":1.0}"#, "neither `,` nor `}` at byte 7"),
            (#"{"a":9007199254740993}"#, "not a value that a record can hold at byte 6"),
            (#"{"a":null}"#, "not a value that a record can hold at byte 6"),
            (#"{"a":tru}"#, "not a value at byte 6"),
            (#"{"a":"\/"}"#, "an escape that isn't used at byte 7"),
            (#"{"a":"\u0041"}"#, "an escape that isn't used at byte 7"),
            (#"{"a":"\u001B"}"#, "an escape that isn't used at byte 7"),
            (#"{"a":"\u000a"}"#, "an escape that isn't used at byte 7"),
            (#"{"a":"\u+01b"}"#, "an escape that isn't used at byte 7"),
            ("{\"a\":\"\u{202e}\"}", "a character that isn't escaped at byte 7"),
            ("{\"a\":\"\u{1b}\"}", "a character that isn't escaped at byte 7"),
            (#"{"a":"x"#, "text without an end at byte 8"),
            (#"{"a":[[[[[[[[]]]]]]]]}"#, "too deep at byte 13"),
        ])
    func refusals(text: String, expected: String) {
        #expect(problem(text) == expected)
    }

    @Test(
        "text is UTF-8 without overlong forms and surrogates",
        arguments: [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82]])
    func encoding(bytes: [UInt8]) {
        let line = Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8)
        #expect(throws: RecordSyntaxError.self) { try RecordParser.parse(line[...]) }
    }

    @Test("what is hashed lacks the hash of the record itself and no other member of that name")
    func hash() throws {
        let inner = #"{"hash":"x","metadata":{"hash":"y"},"unmapped":{"hash":"z","mews":{"a":{"hash":"v"},"#
        let line = inner + #""hash":"w","prev":"p"}}}"#
        let record = try RecordParser.parse(Array(line.utf8)[...])
        let expected = SHA256.digest(of: Array(("mews.audit.v1\n" + inner + #""prev":"p"}}}"#).utf8))
        #expect(record.digest("mews.audit.v1\n") == Hexadecimal.text(expected))
    }
}

@Suite("Lines come out of bytes as they come")
struct LogLinesTests {
    private func lines(_ text: String, limit: Int, pieces: Int) -> ([String], rest: Int, isTooLong: Bool) {
        var lines = LogLines(limit: limit)
        var found: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            lines.append(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            while let line = lines.next() {
                if case .whole(let bytes) = line {
                    found.append(String(decoding: bytes, as: UTF8.self))
                } else {
                    found.append("-")
                }
            }
        }
        return (found, lines.rest.count, lines.isRestTooLong)
    }

    @Test("a line that is too long is left out, and only it", arguments: [1, 2, 3, 7, 100])
    func cutting(pieces: Int) {
        let (found, rest, isTooLong) = lines("ab\n\nabcde\nabcd\nxy", limit: 4, pieces: pieces)
        #expect(found == ["ab", "", "-", "abcd"])
        #expect(rest == 2 && !isTooLong)
        #expect(lines("abcde", limit: 4, pieces: pieces).isTooLong)
    }
}

@Suite("What is kept elsewhere can be read back")
struct CheckpointTests {
    private let hash = String(repeating: "0a", count: 32)
    private let session = "0198c0de-0000-7000-8000-000000000001"

    @Test("a line of a file")
    func line() throws {
        let text = "mews.checkpoint.v1 \(session) 12 \(hash)"
        let checkpoint = try #require(Checkpoint(line: text))
        #expect(checkpoint.description == text)
        for wrong in [
            text + " ", text.uppercased(), "mews.checkpoint.v2 \(session) 12 \(hash)",
            "mews.checkpoint.v1 \(session) 0 \(hash)", "mews.checkpoint.v1 \(session) +1 \(hash)",
            "mews.checkpoint.v1 ../x 12 \(hash)", "mews.checkpoint.v1 \(session) 12 \(hash)0", "",
        ] { #expect(Checkpoint(line: wrong) == nil) }
    }

    @Test("a record's own sequence and hash")
    func anchor() {
        #expect(Checkpoint(anchor: "0:\(hash)")?.records == 1)
        for wrong in ["0", ":", "-1:\(hash)", "\(Int.max):\(hash)", "0:\(hash):"] {
            #expect(Checkpoint(anchor: wrong) == nil)
        }
    }

    @Test("base64 has one spelling", arguments: ["", "Zg==", "Zm8=", "Zm9v", "/+8="])
    func base64(text: String) {
        #expect(Base64.bytes(text) != nil)
        for wrong in ["Z", "Zh==", "Zm9=", "Zg=", "Z===", "Zg==Zg==", "Zm9v\n", "Zm_v"] {
            #expect(Base64.bytes(wrong) == nil)
        }
    }
}
