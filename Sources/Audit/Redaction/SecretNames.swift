import Linux

/// Which names of options, variables and headers say that their value is a secret.
enum SecretNames {
    /// How sure a name is.
    enum Kind {
        /// The value is a secret whatever it looks like.
        case secret
        /// The value may as well be the path of a file that holds one.
        case secretOrPath
    }

    private static let secrets: Set<String> = [
        "password", "passwd", "passphrase", "passcode", "pass", "pwd", "passin", "passout", "token", "tokens",
        "secret", "secrets", "apikey", "bearer", "jwt", "pat", "sshpass", "authtoken",
    ]
    private static let secretsOrPaths: Set<String> = [
        "auth", "authorization", "credential", "credentials", "creds", "cookie", "cookies", "privatekey",
        "accesskey", "secretkey", "netrc",
    ]
    /// What `key` needs before it to be a secret one: most keys are places in a table.
    private static let keys: Set<String> = [
        "api", "access", "private", "secret", "signing", "encryption", "auth", "account", "master", "deploy",
        "service", "session", "storage", "license", "app", "shared", "subscription", "ssh", "gpg",
    ]
    /// Parts of names that run words together, such as PGPASSWORD.
    private static let fused = ["password", "passwd", "passphrase", "secret", "apikey"].map { Array($0.utf8) }
    private static let endings = ["token", "pass"].map { Array($0.utf8) }
    /// With one of these at the end the name is that of something about the secret.
    private static let harmless: Set<String> = [
        "file", "path", "dir", "directory", "sock", "socket", "url", "uri", "host", "port", "name", "id",
        "type",
        "method", "mode", "scheme", "helper", "store", "manager", "provider", "command", "cmd", "env", "var",
        "count", "limit", "max", "min", "size", "length", "ttl", "timeout", "expiry", "enabled", "required",
        "policy", "version", "format", "stdin", "fd", "prompt",
    ]
    private static let quantities: Set<String> = [
        "max", "min", "num", "n", "count", "total", "input", "output",
    ]
    private static let mostBytes = 128

    /// What a name says of its value; nil for nothing.
    static func kind(of name: ArraySlice<UInt8>) -> Kind? {
        guard name.count <= mostBytes, name.count >= 3 else { return nil }
        let parts = parts(of: name)
        guard let last = parts.last, !harmless.contains(last) else { return nil }
        if parts.count == 1, last == "pwd" || last == "oldpwd" { return nil }
        if last == "tokens", let first = parts.first, quantities.contains(first) { return nil }
        let lowered = name.map(\.lowered)
        if parts.contains(where: secrets.contains) || fused.contains(where: { contains(lowered, $0) })
            || endings.contains(where: { ending in
                parts.contains { $0.utf8.suffix(ending.count).elementsEqual(ending) }
            })
        {
            return .secret
        }
        if parts.contains(where: secretsOrPaths.contains) { return .secretOrPath }
        for (before, part) in zip(parts, parts.dropFirst()) where part == "key" && keys.contains(before) {
            return .secretOrPath
        }
        return nil
    }

    /// The words that a name is made of, in lower case: `apiKey`, `api-key` and `API_KEY` are all `api` and `key`.
    private static func parts(of name: ArraySlice<UInt8>) -> [String] {
        var parts: [String] = []
        var part: [UInt8] = []
        var wasLower = false
        for byte in name {
            let isLetter = Bytes.isLetter(byte) || Bytes.isDigit(byte)
            let isUpper = byte.lowered != byte
            if !isLetter || (isUpper && wasLower), !part.isEmpty {
                parts.append(String(decoding: part, as: UTF8.self))
                part = []
            }
            if isLetter { part.append(byte.lowered) }
            wasLower = isLetter && !isUpper
        }
        if !part.isEmpty { parts.append(String(decoding: part, as: UTF8.self)) }
        return parts
    }

    private static func contains(_ name: [UInt8], _ text: [UInt8]) -> Bool {
        guard name.count >= text.count else { return false }
        return (0...(name.count - text.count)).contains { name[$0...].starts(with: text) }
    }
}
