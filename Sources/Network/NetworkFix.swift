internal import Linux

/// The smallest line of a profile that would allow what was refused: the same in records, in the proxy's answers and
/// in what is said to people.
public enum NetworkFix {
    /// The line for a refusal.
    ///
    /// - Parameters:
    ///   - host: whom the program asked for; nil when that couldn't be read.
    ///   - port: at which port; 0 when it is only a question for the name.
    ///   - reason: why not.
    /// - Returns: nil when no line may, or when it isn't a matter of one.
    public static func line(for host: RequestedHost?, port: UInt16, reason: NetworkReason) -> String? {
        // Names are answered there, whatever a rule says.
        if port == NetworkListener.namePort { return nil }
        return switch (reason, host) {
        case (.notAllowed, .name(let name)?), (.port, .name(let name)?), (.noListener, .name(let name)?):
            // 443 is what a name alone allows.
            port == 443 || port == 0 ? allow("\"\(name)\"") : allow("\"\(name):\(port)\"")
        case (.addressLiteral, .address(let address)?), (.noListener, .address(let address)?):
            line(for: address, port: port)
        case (.port, .address(let address)?): line(for: address, port: port)
        case (.privateAddress, .name(let name)?):
            port == 443
                ? allow("{host: \(name), addresses: private}")
                : allow("{host: \(name), ports: [\(port)], addresses: private}")
        case (.notTLS, .name(let name)?), (.serverNameMissing, .name(let name)?),
            (.notHTTP, .name(let name)?):
            allow("{host: \(name), ports: [\(port)], protocol: tcp}")
        case (.loopbackPort, _) where port != 0: "network: {loopback: {connect: [\(port)]}}"
        default: nil
        }
    }

    private static func line(for address: IPAddress, port: UInt16) -> String? {
        // 198.18.0.0/15 stands for names.
        let isSynthetic = address.version4.map { $0 >> 17 == 0xc612_0000 >> 17 } ?? false
        guard !isSynthetic, port != 0 else { return nil }
        switch address.kind {
        case .loopback, .unspecified, .multicast, .metadata: return nil
        case .global, .privateUse, .linkLocal, .reserved:
            return allow("{address: \"\(address)\", ports: [\(port)]}")
        }
    }

    private static func allow(_ entry: String) -> String { "network: {allow: [\(entry)]}" }
}
