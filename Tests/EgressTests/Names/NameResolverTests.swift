import Linux
import Network
import Testing

@testable import Egress

@Suite("Names are resolved outside, by the servers of the host and nobody else")
struct NameResolverTests {
    private static let second: Int64 = 1_000_000_000

    private func permitted(_ text: String) throws -> PermittedName {
        var settings = DoorSettings()
        let name = try #require(DomainName(text))
        settings.allow = [NetworkRule(.exact(name), ports: [443])]
        let verdict = NetworkDecision(settings).decide(.name(name), port: 443)
        guard case .allowed(let permission) = verdict else { throw Errno.notPermitted }
        return try #require(permission.permittedName)
    }

    private func resolver(_ servers: [SocketEndpoint], hosts: String = "") throws -> NameResolver {
        try NameResolver(
            configuration: ResolverConfiguration(servers: servers), hosts: HostsFile(Array(hosts.utf8)))
    }

    /// Asks, and lets both sides go on until there is an answer. Time stands still but for `jump`, which is what
    /// passes whenever nothing else happens.
    private func answer(
        _ resolver: inout NameResolver, _ upstreams: [TestUpstream], _ text: String = "a.example",
        at start: Int64 = 0, jump: Int64 = 0
    ) throws -> (answer: ResolverAnswer, at: Int64) {
        var now = start
        if let known = resolver.resolve(try permitted(text), ticket: 1, now: now) { return (known, now) }
        for _ in 0..<2000 {
            for upstream in upstreams { upstream.serve() }
            var entries = [Poll.Entry(resolver.descriptor, .readable)]
            if try Poll.wait(&entries, nanoseconds: 2_000_000) == 0 { now += jump }
            if let first = resolver.serve(now: now).first { return (first.answer, now) }
        }
        throw Errno.again
    }

    private func addresses(_ texts: [String]) -> ResolverAnswer {
        .addresses(texts.compactMap { IPAddress($0) })
    }

    @Test("both kinds of addresses are asked for, and given in order, IPv4 first")
    func both() throws {
        let upstream = try TestUpstream { query, _ in
            [query.answer(["fd00::1", "10.0.0.2", "10.0.0.1", "fd00::2"])]
        }
        var resolver = try resolver([upstream.endpoint])
        let answer = try answer(&resolver, [upstream]).answer
        #expect(answer == addresses(["10.0.0.2", "10.0.0.1", "fd00::1", "fd00::2"]))
        #expect(Set(upstream.asked.map(\.type)) == [1, 28])
    }

    @Test("an answer is kept as long as it says, between five seconds and five minutes (26)")
    func kept() throws {
        var count = 0
        let upstream = try TestUpstream { query, _ in
            count += 1
            return [query.answer(count <= 2 ? ["93.184.216.34"] : ["127.0.0.1"], seconds: 0)]
        }
        var resolver = try resolver([upstream.endpoint])
        #expect(try answer(&resolver, [upstream]).answer == addresses(["93.184.216.34"]))
        #expect(try answer(&resolver, [upstream], at: 4 * Self.second).answer == addresses(["93.184.216.34"]))
        #expect(count == 2)
        #expect(try answer(&resolver, [upstream], at: 6 * Self.second).answer == addresses(["127.0.0.1"]))
    }

    @Test("names lead to names, and only the last one's addresses count (28)")
    func aliases() throws {
        let upstream = try TestUpstream { query, asked in
            guard asked.type == 1 else { return [query.answer([])] }
            return [
                query.answer([
                    ("a.example", 5, 60, TestMessage.wire("B.example")),
                    ("a.example", 1, 60, [1, 1, 1, 1]), ("c.example", 1, 60, [10, 0, 0, 5]),
                    ("b.EXAMPLE", 5, 60, TestMessage.wire("c.example")), ("d.example", 1, 60, [2, 2, 2, 2]),
                ])
            ]
        }
        var resolver = try resolver([upstream.endpoint])
        #expect(try answer(&resolver, [upstream]).answer == addresses(["10.0.0.5"]))
    }

    @Test("no such name, no address and no answer are three things")
    func nothing() throws {
        let upstream = try TestUpstream { query, asked in
            switch asked.name {
            case "missing.example": [query.answer([], code: 3)]
            case "empty.example": [query.answer([])]
            case "broken.example": [query.answer([], code: 2)]
            case "refused.example": [query.answer([], code: 5)]
            default: []
            }
        }
        var resolver = try resolver([upstream.endpoint])
        #expect(try answer(&resolver, [upstream], "missing.example").answer == .notFound)
        #expect(try answer(&resolver, [upstream], "empty.example").answer == .noAddress)
        #expect(try answer(&resolver, [upstream], "broken.example").answer == .failed(.refused))
        #expect(try answer(&resolver, [upstream], "refused.example").answer == .failed(.refused))
        let silent = try answer(&resolver, [upstream], "silent.example", jump: Self.second / 2)
        #expect(silent.answer == .failed(.timedOut) && silent.at <= 5 * Self.second)
    }

    @Test("where nobody listens the next server is asked at once, and without one it is told so (95)")
    func unreachable() throws {
        let upstream = try TestUpstream { query, _ in [query.answer(["10.0.0.1"])] }
        let nobody = SocketEndpoint(IPAddress(version4: 0x7f00_0002), 1)
        var resolver = try resolver([nobody, upstream.endpoint])
        #expect(try answer(&resolver, [upstream]).answer == addresses(["10.0.0.1"]))
        var alone = try self.resolver([nobody])
        let (answer, at) = try answer(&alone, [upstream])
        #expect(answer == .failed(.unreachable) && at == 0)
    }

    @Test("a server that doesn't answer is followed by the next, which then comes first for a while")
    func silent() throws {
        let silent = try TestUpstream { _, _ in [] }
        let upstream = try TestUpstream { query, _ in [query.answer(["10.0.0.1"])] }
        var resolver = try resolver([silent.endpoint, upstream.endpoint])
        let first = try answer(&resolver, [silent, upstream], jump: Self.second / 2)
        #expect(first.answer == addresses(["10.0.0.1"]) && first.at == 2 * Self.second)
        let second = try answer(&resolver, [silent, upstream], "b.example", at: first.at)
        #expect(second.answer == addresses(["10.0.0.1"]) && silent.asked.count == 2)
        let later = try answer(
            &resolver, [silent, upstream], "c.example", at: 40 * Self.second, jump: Self.second / 2)
        #expect(later.answer == addresses(["10.0.0.1"]) && silent.asked.count == 4)
    }

    @Test("what is cut off is asked for over TCP (29)")
    func truncated() throws {
        let many = (0..<100).map { "10.0.0.\($0)" }
        let upstream = try TestUpstream { query, asked in
            asked.isStream ? [query.answer(many)] : [query.answer([], flags: 0x0200)]
        }
        var resolver = try resolver([upstream.endpoint])
        #expect(try answer(&resolver, [upstream]).answer == addresses(Array(many.prefix(16))))
        #expect(upstream.asked.filter(\.isStream).count == 2)
    }

    @Test("a server that changes letters is asked over TCP, where nobody else can answer")
    func lowered() throws {
        let upstream = try TestUpstream { query, _ in
            var query = query
            query.echo = query.echo.map(\.lowered)[...]
            return [query.answer(["10.0.0.1"])]
        }
        var resolver = try resolver([upstream.endpoint])
        let name = "a-name-with-letters-enough-to-be-sure.example"
        #expect(try answer(&resolver, [upstream], name).answer == addresses(["10.0.0.1"]))
        #expect(upstream.asked.filter(\.isStream).count == 2)
    }

    @Test("answers to other questions are passed over, and too many of them lead to TCP")
    func guessed() throws {
        let upstream = try TestUpstream { query, asked in
            if asked.isStream { return [query.answer(["10.0.0.1"])] }
            var forged = query
            forged.identifier &+= 1
            var other = query
            other.echo = [5] + Array("other".utf8) + query.echo.suffix(5)
            let guesses = [[], [0], forged.answer(["6.6.6.6"]), other.answer(["6.6.6.6"])]
            let own = asked.name == "a.example" ? [query.answer(["10.0.0.2"])] : []
            return Array(repeating: guesses, count: asked.name == "a.example" ? 2 : 8).flatMap(\.self) + own
        }
        var resolver = try resolver([upstream.endpoint])
        #expect(try answer(&resolver, [upstream]).answer == addresses(["10.0.0.2"]))
        let overStream = upstream.asked.filter(\.isStream)
        #expect(overStream.isEmpty)
        #expect(try answer(&resolver, [upstream], "b.example").answer == addresses(["10.0.0.1"]))
    }

    @Test(
        "an answer that can't be read or goes on and on is none, within its time (29)",
        arguments: ["records", "loop", "pointer", "short", "contradiction", "size"])
    func hostile(kind: String) throws {
        let upstream = try TestUpstream { query, asked in
            guard asked.type == 1 else { return [query.answer([])] }
            if !asked.isStream { return [query.answer([], flags: 0x0200)] }
            switch kind {
            case "records": return [query.answer((0..<1000).map { "10.0.\($0 / 250).\($0 % 250)" })]
            case "loop":
                return [
                    query.answer([
                        ("a.example", 5, 60, TestMessage.wire("b.example")),
                        ("b.example", 5, 60, TestMessage.wire("a.example")),
                    ])
                ]
            case "pointer":
                var bytes = query.answer([], flags: 0)
                bytes[7] = 1
                return [bytes + [0xc0, UInt8(bytes.count)]]
            case "short": return [Array(query.answer(["10.0.0.1"]).dropLast())]
            case "contradiction":
                return [
                    query.answer([
                        ("a.example", 5, 60, TestMessage.wire("b.example")),
                        ("a.example", 5, 60, TestMessage.wire("c.example")),
                        ("b.example", 1, 60, [1, 1, 1, 1]),
                    ])
                ]
            default: return [query.answer([("a.example", 1, 60, [1, 2, 3])])]
            }
        }
        var resolver = try resolver([upstream.endpoint])
        #expect(try answer(&resolver, [upstream]).answer == .failed(.malformed))
    }

    @Test("one kind of address is enough when the other doesn't come")
    func halves() throws {
        let upstream = try TestUpstream { query, asked in asked.type == 1 ? [query.answer(["10.0.0.1"])] : []
        }
        var resolver = try resolver([upstream.endpoint])
        let (answer, at) = try answer(&resolver, [upstream], jump: Self.second / 8)
        #expect(answer == addresses(["10.0.0.1"]) && at <= Self.second / 2)
    }

    @Test("what hosts(5) names isn't asked for")
    func hosts() throws {
        let upstream = try TestUpstream { query, _ in [query.answer(["10.0.0.9"])] }
        let file = """
            # 10.9.9.9 a.example
            10.0.0.1\ta.example  A-alias.example # b.example
            fe80::1%eth0 a.example
            ::1 a.example
            10.0.0.2 a.example
            nonsense a.example
            """
        var resolver = try resolver([upstream.endpoint], hosts: file)
        let known = addresses(["10.0.0.1", "10.0.0.2", "::1"])
        let direct = resolver.resolve(try permitted("a.example"), ticket: 1, now: 0)
        #expect(direct == known)
        #expect(
            resolver.resolve(try permitted("a-alias.example"), ticket: 1, now: 0) == addresses(["10.0.0.1"]))
        #expect(upstream.asked.isEmpty)
        #expect(try answer(&resolver, [upstream], "b.example").answer == addresses(["10.0.0.9"]))
    }

    @Test("many who wait for one name cause one question, and who has gone gets no answer")
    func shared() throws {
        let upstream = try TestUpstream { query, _ in [query.answer(["10.0.0.1"])] }
        var resolver = try resolver([upstream.endpoint])
        let name = try permitted("a.example")
        for ticket in 1...50 as ClosedRange<UInt64> {
            let known = resolver.resolve(name, ticket: ticket, now: 0)
            #expect(known == nil)
        }
        for ticket in 2...50 as ClosedRange<UInt64> where ticket % 2 == 0 { resolver.cancel(ticket: ticket) }
        var tickets: [UInt64] = []
        for _ in 0..<500 where tickets.isEmpty {
            upstream.serve()
            var entries = [Poll.Entry(resolver.descriptor, .readable)]
            try Poll.wait(&entries, nanoseconds: 2_000_000)
            tickets += resolver.serve(now: 0).map(\.ticket)
        }
        #expect(tickets.sorted() == (1...50).filter { $0 % 2 == 1 })
        #expect(upstream.asked.count == 2)
        let deadline = resolver.deadline
        #expect(deadline == nil)
    }

    @Test("more names than are asked for at once are all answered, and cancelling all leaves nothing")
    func many() throws {
        let upstream = try TestUpstream { query, _ in [query.answer(["10.0.0.1"])] }
        var resolver = try resolver([upstream.endpoint])
        for ticket in 1...300 as ClosedRange<UInt64> {
            let known = resolver.resolve(try permitted("n\(ticket).example"), ticket: ticket, now: 0)
            #expect(known == nil)
        }
        for ticket in 1...20 as ClosedRange<UInt64> { resolver.cancel(ticket: ticket) }
        var tickets: Set<UInt64> = []
        for _ in 0..<3000 where tickets.count < 280 {
            upstream.serve()
            var entries = [Poll.Entry(resolver.descriptor, .readable)]
            try Poll.wait(&entries, nanoseconds: 2_000_000)
            tickets.formUnion(resolver.serve(now: 0).map(\.ticket))
        }
        #expect(tickets == Set(21...300))
        let deadline = resolver.deadline
        #expect(deadline == nil)
    }

    @Test("new files of the host count from the next question on")
    func configured() throws {
        let upstream = try TestUpstream { query, _ in [query.answer(["10.0.0.1"])] }
        var resolver = try resolver([upstream.endpoint])
        #expect(try answer(&resolver, [upstream]).answer == addresses(["10.0.0.1"]))
        resolver.configure(resolver: [], hosts: Array("10.0.0.2 a.example".utf8))
        #expect(try answer(&resolver, [upstream]).answer == addresses(["10.0.0.2"]))
    }

    @Test("the case of letters, the numbers and the ports of questions differ")
    func random() throws {
        var seen: Set<[UInt8]> = []
        let upstream = try TestUpstream { query, _ in
            seen.insert(Array(query.echo.dropLast(4)) + [UInt8(query.identifier >> 8)])
            return [query.answer([], code: 2)]
        }
        var resolver = try NameResolver(
            configuration: ResolverConfiguration(servers: Array(repeating: upstream.endpoint, count: 3)))
        _ = try answer(&resolver, [upstream], "abcdefghijklmnopqrstuvwxyz.example")
        #expect(seen.count >= 11, "of twelve questions")
    }
}

@Suite("Of resolv.conf(5) what says whom to ask is followed")
struct ResolverConfigurationTests {
    private func read(_ text: String) -> ResolverConfiguration { ResolverConfiguration(Array(text.utf8)) }

    @Test("three servers at most; search, domain and ndots change nothing")
    func servers() {
        let file = """
            # nameserver 10.0.0.9
            ; nameserver 10.0.0.9
            search corp.example
            domain corp.example
            nameserver 10.0.0.1
            nameserver nonsense
            nameserver fe80::1%eth0
            nameserver\tfd00::53
            nameserver 127.0.0.53 # local
            nameserver 10.0.0.4
            options ndots:5 timeout:1 attempts:9 rotate edns0
            """
        let configuration = read(file)
        #expect(
            configuration.servers.map(\.description) == ["10.0.0.1:53", "[fd00::53]:53", "127.0.0.53:53"])
        #expect(configuration.timeout == 1_000_000_000 && configuration.attempts == 3)
        #expect(configuration.rotates)
    }

    @Test("without a server it is the own machine's; nonsense is passed over")
    func none() {
        for text in ["", "nameserver", "options timeout:x attempts:0 timeout:-1 timeout:", "\u{0}\n\n#"] {
            let configuration = read(text)
            #expect(configuration.servers.map(\.description) == ["127.0.0.1:53"])
            #expect(configuration.timeout == 2_000_000_000 && configuration.attempts == 2)
        }
        #expect(read("options timeout:30").timeout == 2_000_000_000, "a program waits for all of it")
    }
}
