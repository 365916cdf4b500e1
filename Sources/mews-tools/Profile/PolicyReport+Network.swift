internal import Network
internal import Profile

extension PolicyReport {
    /// What can be reached and what can't.
    static func rows(of network: NetworkPolicy) -> [Row] {
        network.allow.map { (["allow"] + cells($0.value), $0.origin) }
            + network.deny.map { denial in
                let port = denial.value.port.map { "\($0)" } ?? "any port"
                return (["deny", "\(denial.value.target)", port], denial.origin)
            }
            + network.hosts.map { (["hosts", "\($0.value.name)", "is \($0.value.address)"], $0.origin) }
            + network.loopback.map { (["loopback", "127.0.0.1", "\($0.value) the host's"], $0.origin) }
            + network.unixSockets.map { (["unix", $0.pattern.written, ""], $0.origin) }
    }

    private static func cells(_ rule: NetworkRule) -> [String] {
        let ports = rule.ports.map { "\($0) \(rule.check(at: $0).word)" }.joined(separator: ", ")
        return ["\(rule.target)", ports, rule.allowsPrivate ? "private addresses too" : ""]
    }
}
