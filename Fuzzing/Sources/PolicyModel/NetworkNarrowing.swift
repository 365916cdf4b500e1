internal import Fuzzer
internal import Linux
internal import Network
internal import Profile

/// The promise about a repository's file, for hosts: what is reached with it is reached without it, no looser.
enum NetworkNarrowing {
    static func check(_ narrowed: NetworkPolicy, against alone: NetworkPolicy) {
        let (before, after) = (NetworkDecision(alone.settings), NetworkDecision(narrowed.settings))
        for endpoint in probes([narrowed, alone]) {
            guard case .allowed(let becomes) = after.decide(endpoint.host, port: endpoint.port) else {
                continue
            }
            guard case .allowed(let was) = before.decide(endpoint.host, port: endpoint.port) else {
                Fuzzer.check(false, "\(endpoint) is reached with the file alone")
                continue
            }
            Fuzzer.check(
                isAtMost(becomes.check, was.check), "\(endpoint) was \(was.check), is \(becomes.check)")
            switch (was.reach, becomes.reach) {
            case (.resolve(allowsPrivate: false), .resolve(allowsPrivate: true)):
                Fuzzer.check(false, "\(endpoint) may have private addresses")
            case (.fixed(let old), .fixed(let new)):
                Fuzzer.check(old == new, "\(endpoint) is another address")
            case (.resolve, .resolve): break
            case (.fixed, .resolve), (.resolve, .fixed): Fuzzer.check(false, "\(endpoint) leads elsewhere")
            }
        }
        Fuzzer.check(alone.deny.count <= narrowed.deny.count, "a denial was lost")
        Fuzzer.check(
            alone.loopback.map(\.value) == narrowed.loopback.map(\.value), "a port of the loopback changed")
        Fuzzer.check(alone.hosts.map(\.value) == narrowed.hosts.map(\.value), "an address of a name changed")
        Fuzzer.check(alone.unixSockets.count == narrowed.unixSockets.count, "a socket was granted")
    }

    /// Whether everything that the one check lets through the other does too.
    private static func isAtMost(_ one: NetworkRule.ProtocolCheck, _ other: NetworkRule.ProtocolCheck) -> Bool
    {
        one == other || other == .tcp || (other == .auto && one != .tcp)
    }

    /// What the lines name, and a name above and below, at every port that any of them names.
    private static func probes(_ policies: [NetworkPolicy]) -> Set<RequestedEndpoint> {
        let targets = policies.flatMap { $0.allow.map(\.value.target) + $0.deny.map(\.value.target) }
        let ports = Set(policies.flatMap { $0.allow.flatMap(\.value.ports) + $0.loopback.map(\.value) })
            .union([443])
        var hosts: [RequestedHost] = [RequestedHost("localhost".utf8)].compactMap(\.self)
        for target in targets.prefix(40) {
            switch target {
            case .address(let address): hosts.append(.address(address))
            case .exact(let name), .below(let name):
                let below = DomainName("x." + name.text), deeper = DomainName("x.y." + name.text)
                hosts += [name, name.parent, below, deeper].compactMap(\.self).map { .name($0) }
            }
        }
        return Set(hosts.flatMap { host in ports.map { RequestedEndpoint(host, $0) } })
    }
}
