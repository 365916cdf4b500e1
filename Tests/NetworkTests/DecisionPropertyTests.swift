import Linux
import Network
import TestSupport
import TestSupport
import Testing

@Suite("However a target is asked for, it is one target")
struct DecisionPropertyTests {
    static let names = [
        "a.example", "b.a.example", "c.b.a.example", "d.c.b.a.example", "xa.example", "example", "localhost",
        "z.localhost", "metadata.google.internal", "other.test", "_x.other.test",
    ]
    static let addresses = [
        "10.0.0.1", "8.8.8.8", "127.0.0.1", "169.254.169.254", "fd00::1", "::1", "0.0.0.0",
    ]
    static let ports: [UInt16] = [22, 53, 80, 443, 3128, 5432]

    private static func target(_ random: inout SplitMix) throws -> NetworkRule.Target {
        let name = try #require(DomainName(names[Int.random(in: 0..<names.count, using: &random)]))
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return .exact(name)
        case 1: return .below(name)
        default:
            let text = addresses[Int.random(in: 0..<addresses.count, using: &random)]
            return .address(try #require(IPAddress(text)))
        }
    }

    private static func settings(_ random: inout SplitMix) throws -> DoorSettings {
        var settings = DoorSettings()
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let ports = Self.ports.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
            settings.allow.append(
                NetworkRule(
                    try target(&random), ports: Array(ports),
                    protocolCheck: NetworkRule.ProtocolCheck.allCases.randomElement(using: &random),
                    allowsPrivate: Bool.random(using: &random)))
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let port = Bool.random(using: &random) ? Self.ports.randomElement(using: &random) : nil
            settings.deny.append(NetworkDenial(try target(&random), port: port))
        }
        if Bool.random(using: &random) { settings.loopback = [5432] }
        if Bool.random(using: &random) {
            settings.hosts = [
                .init(try #require(DomainName("b.a.example")), try #require(IPAddress("10.0.0.1")))
            ]
        }
        return settings
    }

    /// The same host as different programs write it.
    private static func writings(_ text: String) -> [String] {
        if text.contains(":") { return ["[\(text)]", "[\(text.uppercased())]"] }
        guard let address = IPAddress(text), let number = address.version4 else {
            return [text, text.uppercased(), text + ".", text.uppercased() + "."]
        }
        return [
            text, "[::ffff:\(text)]", "[0:0:0:0:0:FFFF:\(text)]",
            "[::ffff:\(String(number >> 16, radix: 16)):\(String(number & 0xffff, radix: 16))]",
        ]
    }

    @Test("by CONNECT, Host, SOCKS and as an address alone", arguments: 0..<200)
    func writings(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let decision = NetworkDecision(try Self.settings(&random))
        for text in Self.names + Self.addresses {
            for port in Self.ports {
                var verdicts: Set<NetworkVerdict> = []
                for writing in Self.writings(text) {
                    let host = try #require(RequestedHost(Array(writing.utf8)))
                    let socks = try #require(RequestedHost(socks: Array(writing.utf8)))
                    let connect = try #require(RequestedEndpoint(authority: Array("\(writing):\(port)".utf8)))
                    let header = try #require(
                        RequestedEndpoint(authority: Array(writing.utf8), defaultPort: port))
                    for host in [host, socks, connect.host, header.host] {
                        verdicts.insert(decision.decide(host, port: port))
                    }
                    #expect(connect.port == port && header.port == port)
                }
                #expect(verdicts.count == 1, "\(text):\(port)")
            }
        }
    }

    /// What the decision says in one sentence, by walking all lines.
    private static func isAllowed(_ host: RequestedHost, _ port: UInt16, _ settings: DoorSettings) -> Bool {
        func names(_ target: NetworkRule.Target, _ host: RequestedHost) -> Bool {
            switch (target, host) {
            case (.exact(let name), .name(let asked)): name == asked
            case (.below(let name), .name(let asked)): asked.text.hasSuffix("." + name.text)
            case (.address(let address), .address(let asked)): address == asked
            default: false
            }
        }
        func isDenied(_ host: RequestedHost) -> Bool {
            settings.deny.contains { names($0.target, host) && ($0.port ?? port) == port }
        }
        let isLoopback: Bool
        switch host {
        case .name(let name): isLoopback = name.isLoopback
        case .address(let address): isLoopback = address.isLoopback
        }
        if isLoopback {
            let hosts = ["localhost", "127.0.0.1", "::1"].compactMap { RequestedHost(socks: Array($0.utf8)) }
            return settings.loopback.contains(port) && !hosts.contains(where: isDenied)
        }
        guard !isDenied(host) else { return false }
        switch host {
        case .name(let name):
            if name.isMetadata { return false }
            if let address = settings.hosts.first(where: { $0.name == name })?.address,
                isDenied(.address(address))
            {
                return false
            }
        case .address: break
        }
        return settings.allow.contains { names($0.target, host) && $0.ports.contains(port) }
    }

    @Test("and by the index as by every line in turn", arguments: 0..<200)
    func index(seed: UInt64) throws {
        var random = SplitMix(seed: seed &+ 1000)
        let settings = try Self.settings(&random)
        let decision = NetworkDecision(settings)
        for text in Self.names + Self.addresses {
            let host = try #require(RequestedHost(socks: Array(text.utf8)))
            var reachable = false
            for port in Self.ports {
                let isAllowed = Self.isAllowed(host, port, settings)
                if case .allowed = decision.decide(host, port: port) {
                    #expect(isAllowed, "\(text):\(port)")
                } else {
                    #expect(!isAllowed, "\(text):\(port)")
                }
                reachable = reachable || isAllowed
            }
            // What can be asked for and what can be reached is the same, but for the host's own names.
            if case .name(let name) = host, !name.isLoopback {
                let isAnswered = if case .allowed = decision.mayAsk(name) { true } else { false }
                #expect(isAnswered == reachable, "\(text)")
            }
        }
    }

    @Test("with a hundred thousand lines a look-up takes no longer than with ten")
    func manyLines() throws {
        func seconds(_ count: Int) throws -> Double {
            var settings = DoorSettings()
            settings.allow = try (0..<count).map { number in
                let name = try #require(DomainName("host\(number).region\(number % 97).example"))
                return NetworkRule(number % 2 == 0 ? .exact(name) : .below(name), ports: [443])
            }
            let decision = NetworkDecision(settings)
            let hosts = try (0..<1000).map { number in
                let text = "host\(number * 7 % (2 * count)).region\(number % 97).example"
                return RequestedHost.name(try #require(DomainName(text)))
            }
            return ProcessorTime.seconds(runs: 5) {
                for host in hosts { _ = decision.decide(host, port: 443) }
            }
        }
        // Caches of the processor are all that tells the two apart; a walk over the lines would be 10,000 times.
        #expect(try seconds(100_000) < seconds(10) * 20)
    }
}
