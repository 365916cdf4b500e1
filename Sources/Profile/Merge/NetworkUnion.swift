internal import Network

/// The lines of `network.allow` of several layers as one list that has each target and port once.
///
/// Where two lines name the same, what the later one says of the protocol and of addresses holds, and what it leaves
/// out stays: a host that is only named once more loses nothing.
struct NetworkUnion {
    private struct Place: Hashable {
        let target: NetworkRule.Target
        let port: UInt16
    }

    private(set) var lines: [NetworkLine] = []
    private var places: [Place: Int] = [:]

    /// Adds a line after all others.
    mutating func add(_ line: NetworkLine) {
        let place = Place(target: line.target, port: line.port)
        guard let index = places[place] else {
            places[place] = lines.count
            lines.append(line)
            return
        }
        guard line.protocolCheck != nil || line.allowsPrivate != nil else { return }
        lines[index].protocolCheck = line.protocolCheck ?? lines[index].protocolCheck
        lines[index].allowsPrivate = line.allowsPrivate ?? lines[index].allowsPrivate
        lines[index].origin = line.origin
    }

    /// Whether something is said of a target at a port.
    func names(_ target: NetworkRule.Target, _ port: UInt16) -> Bool {
        places[Place(target: target, port: port)] != nil
    }

    /// The list as rules, which have the ports of one line together.
    var rules: [Sourced<NetworkRule>] {
        var rules: [Sourced<NetworkRule>] = []
        for line in lines {
            var rule = line.rule
            if let last = rules.last, last.origin == line.origin, last.value.target == line.target,
                last.value.protocolCheck == line.protocolCheck,
                last.value.allowsPrivate == rule.allowsPrivate
            {
                rule.ports = last.value.ports + rule.ports
                rules[rules.count - 1].value = rule
            } else {
                rules.append(Sourced(rule, line.origin))
            }
        }
        return rules
    }
}
