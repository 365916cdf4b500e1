internal import Linux
internal import Network

/// Addresses as profiles write them.
enum NetworkAddress {
    /// Reads an address.
    static func read(_ text: String) throws(ScalarError) -> IPAddress {
        guard let address = address(text) else {
            throw ScalarError(
                "\(quoted(text)) isn't an address",
                remedy: "write it as in 10.2.3.4 or fd00::1, one address alone")
        }
        return address
    }

    /// The address that the text is.
    static func address(_ text: String) -> IPAddress? { IPAddress(text) }

    /// The line of `network.allow` for an address.
    static func line(for target: NetworkRule.Target, _ port: UInt16?) -> String {
        let text = "\(target)"
        let address = text.contains(":") ? "\"\(text)\"" : text
        return "{address: \(address), ports: [\(port ?? NetworkLine.usualPort)]}"
    }

    /// Reads the address of a line of `network.allow`.
    static func readAllowed(_ text: String) throws(ScalarError) -> IPAddress {
        let address = try read(text)
        try GrantableHost.check(.address(address), written: text)
        return address
    }

    /// Reads the address of a name in `network.hosts`, which may be any that can be dialled.
    static func readForName(_ text: String) throws(ScalarError) -> IPAddress {
        let address = try read(text)
        switch address.kind {
        case .metadata: throw GrantableHost.metadata(text)
        case .unspecified, .multicast:
            throw ScalarError("\(quoted(text)) isn't the address of a host", remedy: "write that of a host")
        case .global, .privateUse, .loopback, .linkLocal, .reserved: return address
        }
    }
}
