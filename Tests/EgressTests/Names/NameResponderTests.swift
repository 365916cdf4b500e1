import Linux
import Network
import Testing

@testable import Egress

@Suite("Questions for names are answered inside, and nowhere else")
struct NameResponderTests {
    private static let key = [UInt8](repeating: 9, count: 32)

    private static func settings() throws -> DoorSettings {
        let allowed = try #require(DomainName("allowed.example"))
        let wild = try #require(DomainName("wild.example"))
        let secret = try #require(DomainName("secret.wild.example"))
        var settings = DoorSettings()
        settings.allow = [NetworkRule(.exact(allowed), ports: [443]), NetworkRule(.below(wild), ports: [80])]
        settings.deny = [NetworkDenial(.exact(secret))]
        settings.key = key
        return settings
    }

    private func respond(to message: [UInt8], room: Int = 100) throws -> NameResponder.Response {
        let settings = try Self.settings()
        var addresses = try #require(SyntheticAddresses(key: Self.key, names: [], most: room))
        return NameResponder.respond(
            to: message, decision: NetworkDecision(settings), addresses: &addresses)
    }

    private func reply(_ response: NameResponder.Response) throws -> TestReply {
        switch response {
        case .reply(let bytes), .denial(let bytes, _): return try TestReply(bytes)
        case .nothing: throw MalformedMessage()
        }
    }

    private func denial(_ response: NameResponder.Response) -> NameResponder.Denial? {
        if case .denial(_, let denial) = response { denial } else { nil }
    }

    @Test("an allowed name has one address, for a minute, and the question comes back letter for letter")
    func allowed() throws {
        for name in ["allowed.example", "aLLowed.eXample", "a.b.wild.example", "_dmarc.wild.example"] {
            let message = TestMessage(0xbeef).question(name, 1).bytes
            let response = try respond(to: message)
            let reply = try reply(response)
            #expect(denial(response) == nil)
            #expect(reply.identifier == 0xbeef && reply.flags == 0x8180)
            #expect(reply.echo == Array(message[12...]))
            #expect(reply.answers.map(\.type) == [1] && reply.answers.map(\.seconds) == [60])
            let address = try #require(IPAddress(bytes: reply.answers[0].data))
            #expect(SyntheticAddresses.contains(address))
        }
    }

    @Test(
        "resolvers ask AAAA, SVCB and HTTPS beside A: nothing, for a minute, and no record",
        arguments: [28, 64, 65])
    func noData(type: UInt16) throws {
        let response = try respond(to: TestMessage.query("allowed.example", type))
        let reply = try reply(response)
        #expect(denial(response) == nil)
        #expect(reply.code == 0 && reply.answers.isEmpty && reply.authorities == [6])
    }

    @Test(
        "other kinds of questions have nothing either, and a record (32)",
        arguments: [2, 5, 6, 10, 12, 15, 16, 33, 35, 43, 48, 99, 251, 252, 255, 65_280])
    func otherTypes(type: UInt16) throws {
        let response = try respond(to: TestMessage.query("allowed.example", type))
        let reply = try reply(response)
        #expect(denial(response)?.reason == .questionType && denial(response)?.type.rawValue == type)
        #expect(reply.code == 0 && reply.answers.isEmpty && reply.authorities == [6])
    }

    @Test(
        "every other name doesn't exist, whatever is asked, and there is a record",
        arguments: [
            ("example.com", NetworkReason.notAllowed), ("notallowed.example", .notAllowed),
            ("allowed.example.evil.example", .notAllowed), ("wild.example", .notAllowed),
            ("evilwild.example", .notAllowed), ("x.allowed.example", .notAllowed),
            ("localhost.evil", .notAllowed),
            ("secret.WILD.example", .denied), ("metadata.google.internal", .metadata), ("host", .notAllowed),
            ("data.in-addr.arpa", .notAllowed), ("a b.wild.example", .malformedHost),
            ("-x.wild.example", .malformedHost), ("127.1", .malformedHost), ("0x7f.1", .malformedHost),
        ], [1, 28, 16, 12, 255] as [UInt16])
    func denied(name: (String, NetworkReason), type: UInt16) throws {
        let response = try respond(to: TestMessage.query(name.0, type))
        let reply = try reply(response)
        #expect(reply.code == 3 && reply.answers.isEmpty && reply.authorities == [6])
        let told = try #require(denial(response))
        #expect(
            told.reason == name.1
                && told.host
                    == WireName(
                        canonical: Array(
                            TestMessage.wire(name.0.lowercased()).dropLast())
                    ).text
        )
    }

    @Test("a label with a NUL or a dot in it is no part of an allowed name (1)")
    func smuggled() throws {
        for label in [[UInt8]("evil\0".utf8), Array("evil.wild".utf8)] {
            let name = [UInt8(label.count)] + label + TestMessage.wire("wild.example")
            let response = try respond(to: TestMessage().question(name, 1).bytes)
            #expect(denial(response)?.reason == .malformedHost)
            #expect(try reply(response).code == 3)
        }
    }

    @Test("localhost is the sandbox's own, and nobody else's name")
    func localhost() throws {
        for name in ["localhost", "LOCALHOST", "db.localhost"] {
            let four = try respond(to: TestMessage.query(name, 1))
            let six = try respond(to: TestMessage.query(name, 28))
            #expect(denial(four) == nil && denial(six) == nil)
            #expect(try reply(four).answers[0].data == [127, 0, 0, 1])
            #expect(try reply(six).answers[0].data == [UInt8](repeating: 0, count: 15) + [1])
        }
        #expect(try reply(try respond(to: TestMessage.query("", 2))).code == 0)
    }

    @Test("the address of a name leads back to it; other addresses have no name, and that is no record")
    func reverse() throws {
        let settings = try Self.settings()
        let decision = NetworkDecision(settings)
        var addresses = try #require(SyntheticAddresses(settings))
        let name = try #require(DomainName("allowed.example"))
        let address = addresses.address(of: name)
        let quad = try #require(address).description.split(separator: ".").reversed()
        let known = NameResponder.respond(
            to: TestMessage.query(quad.joined(separator: ".") + ".in-addr.arpa", 12), decision: decision,
            addresses: &addresses)
        #expect(try reply(known).answers[0].data == TestMessage.wire("allowed.example"))
        for (text, code) in [("8.8.8.8", 3), ("1.0.0.127", 0), ("1.1.18.198", 3)] {
            let response = try respond(to: TestMessage.query(text + ".in-addr.arpa", 12))
            #expect(try reply(response).code == UInt16(code) && denial(response) == nil)
        }
    }

    @Test("when no address is free the server has failed, and the name isn't said to be missing (38)")
    func exhausted() throws {
        let response = try respond(to: TestMessage.query("a.wild.example"), room: 0)
        #expect(try reply(response).code == 2)
    }

    @Test("what isn't one question in the class of the internet is refused by its code")
    func refused() throws {
        let question = TestMessage.query("allowed.example")
        func code(_ message: [UInt8]) throws -> UInt16? {
            let response = try respond(to: message)
            if case .nothing = response { return nil }
            #expect(denial(response) == nil)
            return try reply(response).code
        }
        #expect(try code([]) == nil && code(Array(question.prefix(11))) == nil)
        #expect(try code(TestMessage(flags: 0x8180).question("allowed.example", 1).bytes) == nil)
        #expect(try code(TestMessage(flags: 0x2800).question("allowed.example", 1).bytes) == 4)
        #expect(try code(TestMessage(questions: 0).bytes) == 1)
        #expect(
            try code(TestMessage(questions: 2).question("a.b", 1).question("allowed.example", 1).bytes) == 1)
        #expect(try code(TestMessage(answers: 1).question("allowed.example", 1).bytes) == 1)
        #expect(try code(question + [0]) == 1)
        #expect(try code(question.dropLast()) == 1)
        #expect(try code(TestMessage().question([0xc0, 12], 1).bytes) == 1)
        #expect(try code(TestMessage().question("version.bind", 16, classNumber: 3).bytes) == 5)
        #expect(try code(TestMessage().question("allowed.example", 1, classNumber: 255).bytes) == 5)
    }

    @Test("EDNS0 is answered in kind, a later version and a second one aren't")
    func extended() throws {
        let plain = TestMessage(additionals: 1).question("allowed.example", 1)
        let cookie: [UInt8] = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]
        let answered = try reply(respond(to: plain.extended(signatures: true, data: cookie).bytes))
        #expect(answered.code == 0 && answered.additionals == [41] && answered.answers.count == 1)
        let later = try reply(respond(to: plain.extended(version: 1).bytes))
        #expect(later.code == 0 && later.additionals == [41] && later.answers.isEmpty)
        let twice = TestMessage(additionals: 2).question("allowed.example", 1).extended().extended()
        #expect(try reply(respond(to: twice.bytes)).code == 1)
    }
}
