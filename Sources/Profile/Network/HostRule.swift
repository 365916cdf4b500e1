internal import Network

/// `HOST[:PORT]` and what is like it.
enum HostRule {
    /// Reads a host with an optional port; with an address in its place where that is allowed.
    static func read(
        _ text: String, allowsAddress: Bool
    ) throws(ScalarError) -> (target: NetworkRule.Target, port: UInt16?) {
        if allowsAddress, let written = try address(text) { return written }
        guard !HostName.hasScheme(text) else {
            throw ScalarError("\(quoted(text)) has a scheme", remedy: "write HOST or HOST:PORT")
        }
        if !allowsAddress, let (target, port) = try? address(text) {
            throw ScalarError(
                "\(quoted(text)) is an address", remedy: "write \(NetworkAddress.line(for: target, port))")
        }
        if let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")),
            NetworkAddress.address(String(text[..<slash])) != nil
        {
            throw ScalarError("\(quoted(text)) is a block of addresses", remedy: "write each address")
        }
        let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        let target = try HostName.read(String(text[..<colon]), allowsWildcard: true)
        return (target, try port(text[colon...], in: text))
    }

    /// Reads an address with an optional port; nil when it's none.
    private static func address(
        _ text: String
    ) throws(ScalarError) -> (target: NetworkRule.Target, port: UInt16?)? {
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            let address = try NetworkAddress.read(String(text[..<close].dropFirst()))
            return (.address(address), try port(text[close...].dropFirst(), in: text))
        }
        if let address = NetworkAddress.address(text) { return (.address(address), nil) }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            let address = NetworkAddress.address(String(text[..<colon]))
        else { return nil }
        return (.address(address), try port(text[colon...], in: text))
    }

    /// Checks `http://HOST:PORT`.
    static func checkProxy(_ text: String) throws(ScalarError) {
        let scheme = "http://"
        guard text.hasPrefix(scheme) else {
            throw ScalarError("\(quoted(text)) isn't an HTTP proxy", remedy: "write http://HOST:PORT")
        }
        var rest = String(text.dropFirst(scheme.utf8.count))
        if rest.hasSuffix("/") { rest.removeLast() }
        guard !rest.contains("@") else {
            throw ScalarError("credentials in the address", remedy: "write credentials: \"env:NAME\" instead")
        }
        guard rest.contains(":"), !rest.hasPrefix("*") else {
            throw ScalarError("\(quoted(text)) has no port", remedy: "write http://HOST:PORT")
        }
        _ = try read(rest, allowsAddress: true)
    }

    private static func port(_ rest: Substring, in text: String) throws(ScalarError) -> UInt16? {
        guard !rest.isEmpty else { return nil }
        guard rest.first == ":", let port = RequestedEndpoint.port(rest.utf8.dropFirst()) else {
            throw ScalarError(
                "\(quoted(text)) has no valid port", remedy: "write HOST:PORT, PORT from 1 to 65535")
        }
        return port
    }
}
