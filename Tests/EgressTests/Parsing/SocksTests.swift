import Linux
import Network
import Testing

@testable import Egress

@Suite("SOCKS asks for what HTTP asks for")
struct SocksTests {
    private static let greeting: [UInt8] = [5, 1, 0]

    /// The last step, and what was answered before it.
    private static func steps(_ bytes: [UInt8], piece: Int = .max) -> (SocksReader.Step, [UInt8], [UInt8]) {
        var reader = SocksReader()
        var rest = bytes[...]
        var answers: [UInt8] = []
        var step = SocksReader.Step.needMore
        while !rest.isEmpty {
            step = reader.read(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            while case .answer(let answer) = step {
                answers += answer
                step = reader.read([])
            }
        }
        return (step, answers, reader.unread)
    }

    private static func name(_ text: String, port: UInt16 = 443) -> [UInt8] {
        greeting + [5, 1, 0, 3, UInt8(text.utf8.count)] + Array(text.utf8)
            + [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
    }

    private static func endpoint(_ step: SocksReader.Step) -> String? {
        if case .request(let request) = step { "\(request.endpoint)" } else { nil }
    }

    @Test("names and addresses, in any pieces", arguments: [1, 2, 5, Int.max])
    func requests(piece: Int) {
        for (bytes, endpoint) in [
            (Self.name("Example.com."), "example.com:443"),
            (Self.greeting + [5, 1, 0, 1, 10, 2, 3, 4, 0, 80], "10.2.3.4:80"),
            (
                Self.greeting + [5, 1, 0, 4, 0xfd] + [UInt8](repeating: 0, count: 14) + [1, 0x18, 0xeb],
                "[fd00::1]:6379"
            ),
        ] {
            let (step, answers, unread) = Self.steps(bytes + [9, 9], piece: piece)
            #expect(Self.endpoint(step) == endpoint)
            #expect(answers == [5, 0])
            // 56: what follows is the tunnel's
            #expect(unread == [9, 9])
        }
    }

    @Test("version 4, with addresses and with names", arguments: [1, 3, Int.max])
    func version4(piece: Int) {
        let user = Array("kim".utf8) + [0]
        let (address, _, unread) = Self.steps([4, 1, 1, 0xbb, 10, 2, 3, 4] + user + [7], piece: piece)
        #expect(Self.endpoint(address) == "10.2.3.4:443")
        #expect(unread == [7])
        let named = [4, 1, 1, 0xbb, 0, 0, 0, 1] + user + Array("EXAMPLE.com".utf8) + [0]
        #expect(Self.endpoint(Self.steps(named, piece: piece).0) == "example.com:443")
        #expect(Self.steps([4, 1, 0, 80, 0, 0, 0, 0, 0]).0 != .needMore)
    }

    @Test("70: an address in the place of a name is an address")
    func literal() {
        #expect(Self.endpoint(Self.steps(Self.name("127.0.0.1")).0) == "127.0.0.1:443")
        #expect(Self.endpoint(Self.steps(Self.name("::1")).0) == "[::1]:443")
        #expect(Self.endpoint(Self.steps(Self.name("::ffff:127.0.0.1")).0) == "127.0.0.1:443")
    }

    @Test(
        "1, 11, 70: what is no name is malformed, and what stood there is kept for the record",
        arguments: [
            "evil.com\0.google.com", "127.1", "0x7f.0.0.1", "2130706433", "a..b", "%65vil.com", "ｅvil.com",
            "a b", "user@example.com", "example.com:443", "[::1", "fe80::1%lo",
        ])
    func malformedHost(text: String) {
        let (step, _, _) = Self.steps(Self.name(text))
        #expect(
            step
                == .rejected(
                    answer: SocksRequest.answer(.failed, .five), .malformedHost, host: Array(text.utf8),
                    port: 443))
    }

    @Test("70: no length, no such kind of address, no connection, no port, no version")
    func rejected() {
        func answer(_ bytes: [UInt8]) -> [UInt8]? {
            if case .rejected(let answer, _, _, _) = Self.steps(bytes).0 { answer } else { nil }
        }
        #expect(answer(Self.greeting + [5, 1, 0, 3, 0])?[1] == 1)
        #expect(answer(Self.greeting + [5, 1, 0, 9, 0])?[1] == 8)
        #expect(answer(Self.greeting + [5, 2, 0, 1, 0])?[1] == 7)
        #expect(answer(Self.greeting + [5, 3, 0, 1, 0])?[1] == 7)
        #expect(answer(Self.greeting + [5, 1, 1, 1, 0])?[1] == 1)
        #expect(answer(Self.greeting + [4])?[1] == 1)
        #expect(answer(Self.name("example.com", port: 0))?[1] == 1)
        #expect(answer([5, 1, 2]) == [5, 0xff])
        #expect(answer([5, 0]) == [5, 0xff])
        #expect(answer([4, 2, 0, 80, 1, 2, 3, 4, 0])?[1] == 0x5b)
        #expect(answer([6]) == [])
    }

    @Test("70: what is cut off is waited for")
    func truncated() {
        let bytes = Self.name("example.com")
        for count in bytes.indices { #expect(Self.steps(Array(bytes[..<count])).0 == .needMore) }
    }

    @Test("a user's name or a domain of version 4 that doesn't end is refused")
    func bounded() {
        let endless = [UInt8](repeating: 0x61, count: 300)
        #expect(Self.steps([4, 1, 0, 80, 1, 2, 3, 4] + endless[..<255]).0 == .needMore)
        guard case .rejected = Self.steps([4, 1, 0, 80, 1, 2, 3, 4] + endless).0,
            case .rejected = Self.steps([4, 1, 0, 80, 0, 0, 0, 4, 0] + endless).0
        else {
            Issue.record("went on reading")
            return
        }
    }

    @Test("each outcome has its code")
    func codes() {
        let codes = SocksRequest.Outcome.allCases.map { SocksRequest.answer($0, .five)[1] }
        #expect(codes == Array(0...8))
        #expect(SocksRequest.answer(.granted, .four) == [0, 0x5a, 0, 0, 0, 0, 0, 0])
        #expect(SocksRequest.answer(.denied, .four)[1] == 0x5b)
    }
}
