internal import Linux
internal import Network
internal import Profile

extension PublishedPolicyReader {
    /// Reads a line about hosts; false when it is none.
    mutating func takeNetwork(_ fields: [ArraySlice<UInt8>]) -> Bool {
        guard fields.count >= 4, let origin = origin(fields.suffix(3)) else { return false }
        let values = fields.dropFirst().dropLast(3).map(Self.text)
        switch (Self.text(fields[0]), values.count) {
        case ("allow", 4):
            guard let rule = Self.rule(values) else { return false }
            network.allow.append(Sourced(rule, origin))
        case ("deny", 2):
            guard let target = Self.target(values[0]), let port = UInt16(values[1]) else { return false }
            network.deny.append(Sourced(NetworkDenial(target, port: port == 0 ? nil : port), origin))
        case ("host", 2):
            guard let name = DomainName(values[0]), let address = IPAddress(values[1]) else { return false }
            network.hosts.append(Sourced(DoorSettings.FixedHost(name, address), origin))
        case ("loopback", 1):
            guard let port = UInt16(values[0]) else { return false }
            network.loopback.append(Sourced(port, origin))
        case ("narrowed", 0): network.narrowing = origin
        default: return false
        }
        return true
    }

    private static func rule(_ values: [String]) -> NetworkRule? {
        let ports = values[1].split(separator: ",").map { UInt16($0) }
        guard let target = target(values[0]), !ports.isEmpty, !ports.contains(nil),
            let check = UInt8(values[2]), values[3] == "private" || values[3] == "public"
        else { return nil }
        let protocolCheck = NetworkRule.ProtocolCheck(rawValue: check)
        guard check == 0 || protocolCheck != nil else { return nil }
        return NetworkRule(
            target, ports: ports.compactMap(\.self), protocolCheck: protocolCheck,
            allowsPrivate: values[3] == "private")
    }

    private static func target(_ text: String) -> NetworkRule.Target? {
        if text.hasPrefix("*.") { return DomainName(text.dropFirst(2)).map { .below($0) } }
        return DomainName(text).map { .exact($0) } ?? IPAddress(text).map { .address($0) }
    }
}
