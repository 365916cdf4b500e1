/// `HOST[:PORT]` and what is like it.
enum HostRule {
    /// Checks a host with an optional port; with an address in its place where that is allowed.
    static func check(_ text: String, allowsAddress: Bool) throws(ScalarError) {
        if allowsAddress {
            if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
                try NetworkAddress.check(String(text[..<close].dropFirst()))
                return try checkPort(text[close...].dropFirst(), in: text)
            }
            if NetworkAddress.isAddress(text) { return }
        }
        guard !text.contains("://") else {
            throw ScalarError("\(quoted(text)) has a scheme", remedy: "write HOST or HOST:PORT")
        }
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        let host = String(text[..<colon])
        if !(allowsAddress && NetworkAddress.isAddress(host)) {
            try HostName.check(host, allowsWildcard: true)
        }
        try checkPort(text[colon...], in: text)
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
        try check(rest, allowsAddress: true)
    }

    private static func checkPort(_ rest: Substring, in text: String) throws(ScalarError) {
        guard !rest.isEmpty else { return }
        let number = rest.first == ":" ? Quantity.digits(rest.dropFirst()) : nil
        guard let number, (1...65535).contains(number) else {
            throw ScalarError(
                "\(quoted(text)) has no valid port", remedy: "write HOST:PORT, PORT from 1 to 65535")
        }
    }
}
