internal import Network

/// Names of hosts as the network rules write them.
enum HostName {
    /// Suffixes of two labels below which anybody may register, besides every suffix of one label.
    ///
    /// This isn't the Public Suffix List: it holds the ones that developers meet, so that a slip like
    /// `*.co.uk` is caught. Whoever lists a wildcard below another one gets what was written.
    static let publicSuffixes: Set<String> = [
        "ac.uk", "co.uk", "gov.uk", "org.uk", "com.au", "net.au", "org.au", "com.br", "com.cn", "co.il",
        "co.in", "co.jp", "ne.jp", "or.jp", "co.kr", "com.mx", "co.nz", "com.sg", "com.tr", "com.tw", "co.za",
        "github.io", "gitlab.io", "pages.dev", "workers.dev", "vercel.app", "netlify.app", "herokuapp.com",
        "web.app", "firebaseapp.com", "azurewebsites.net", "cloudfront.net", "appspot.com", "fly.dev",
        "onrender.com", "ngrok.io", "ngrok.app", "ngrok.dev", "trycloudflare.com", "blogspot.com",
        "s3.amazonaws.com", "amazonaws.com", "blob.core.windows.net", "run.app", "r2.dev", "surge.sh",
    ]

    /// Reads an exact name, or `*.` and a name.
    static func read(_ text: String, allowsWildcard: Bool) throws(ScalarError) -> NetworkRule.Target {
        guard !hasScheme(text) else {
            throw ScalarError("\(quoted(text)) has a scheme", remedy: "write the host name alone")
        }
        guard !text.utf8.contains(UInt8(ascii: "/")) else {
            throw ScalarError(
                "\(quoted(text)) has a path", remedy: "write the host name alone; rules are for hosts")
        }
        guard text != "*" else {
            throw ScalarError("'*' would name every host", remedy: "name the hosts, as in \"*.example.com\"")
        }
        var name = text[...]
        let isWildcard = name.hasPrefix("*.")
        if isWildcard {
            guard allowsWildcard else {
                throw ScalarError("\(quoted(text)) isn't one host", remedy: "write an exact name")
            }
            name = name.dropFirst(2)
        }
        if let address = NetworkAddress.address(text) {
            throw ScalarError(
                "\(quoted(text)) is an address",
                remedy: allowsWildcard
                    ? "write \(NetworkAddress.line(for: .address(address), nil))" : "write a name")
        }
        let domain = try domain(name, in: text)
        if isWildcard, !name.utf8.contains(UInt8(ascii: ".")) || publicSuffixes.contains(name.lowercased()) {
            throw ScalarError(
                "\(quoted(text)) covers names that anybody can register",
                remedy: "name the hosts, as in \"*.example.\(name)\"")
        }
        return isWildcard ? .below(domain) : .exact(domain)
    }

    /// Whether a text is the beginning of a URL. Looked for byte by byte: the names of a profile are read in each launch,
    /// and what Unicode knows of each character isn't asked for.
    static func hasScheme(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        return text.utf8[colon...].starts(with: "://".utf8)
    }

    private static func domain(_ name: Substring, in text: String) throws(ScalarError) -> DomainName {
        guard name.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw ScalarError("\(quoted(text)) isn't ASCII", remedy: "write the name in its xn-- form")
        }
        guard !name.utf8.contains(UInt8(ascii: "*")) else {
            throw ScalarError(
                "\(quoted(text)) has a '*' that isn't its first label", remedy: "write \"*.\" and a name")
        }
        // What would be a name if it went on is none because its end is a number.
        guard DomainName(name) != nil || DomainName(name + ".x") == nil else {
            throw ScalarError(
                "\(quoted(text)) is an address to some programs",
                remedy: "write a name, or {address: 10.2.3.4, ports: [443]} with four decimal numbers")
        }
        guard !name.utf8.contains(UInt8(ascii: ":")) else {
            throw ScalarError(
                "\(quoted(text)) has a port", remedy: "write the host name alone, and ports: [...]")
        }
        guard !name.hasSuffix("."), let domain = DomainName(name) else {
            throw ScalarError(
                "\(quoted(text)) isn't a host name",
                remedy: "write it as in api.example.com, without a final dot")
        }
        return domain
    }
}
