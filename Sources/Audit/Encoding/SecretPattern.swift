/// What gives a secret away.
enum SecretPattern {
    /// Whether a byte ends a word, in a command line or in what a shell reads.
    static func separates(_ byte: UInt8) -> Bool {
        byte <= 0x20 || "\"'`;|&()<>,{}".utf8.contains(byte)
    }

    /// Names of which the value is a secret, without `-` and `_`.
    private static let names = [
        "password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "privatekey",
        "credential",
        "authorization",
    ].map { Array($0.utf8) }

    /// How keys of well-known services begin; enough of what belongs to them has to follow.
    private static let keys = [
        "sk-", "sk_live_", "rk_live_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
        "xoxb-",
        "xoxp-", "xoxa-", "AKIA", "ASIA", "AIza", "eyJ", "npm_", "hf_", "pypi-", "dop_v1_", "SG.",
    ].map { Array($0.utf8) }

    /// Where the value begins in `NAME=VALUE` or `NAME:VALUE` when the name gives a secret away; the end of
    /// the word when it is an option or a header whose value is the next word.
    static func valueStart(in word: ArraySlice<UInt8>) -> Int? {
        let end = word.firstIndex { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }
        guard let end else {
            let isOption = word.starts(with: "--".utf8)
            return isOption && isSecretName(word) ? word.endIndex : nil
        }
        return isSecretName(word[..<end]) ? end + 1 : nil
    }

    private static func isSecretName(_ name: ArraySlice<UInt8>) -> Bool {
        var plain: [UInt8] = []
        for byte in name where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "_") {
            plain.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
        }
        // `author` isn't `auth`; everything else may have something in front or behind (MY_TOKEN_2).
        if plain.elementsEqual("auth".utf8) { return true }
        return names.contains { contains($0, in: plain) }
    }

    private static func contains(_ text: [UInt8], in other: [UInt8]) -> Bool {
        guard other.count >= text.count else { return false }
        return (0...(other.count - text.count)).contains { other[$0..<($0 + text.count)].elementsEqual(text) }
    }

    /// Whether a word says how the secret behind it is meant (RFC 9110, section 11.1).
    static func isScheme(_ word: ArraySlice<UInt8>) -> Bool {
        ["Bearer", "bearer", "Basic", "basic", "token", "Token"].contains { word.elementsEqual($0.utf8) }
    }

    /// Whether a word is the key of a well-known service.
    static func isKey(_ word: ArraySlice<UInt8>) -> Bool {
        keys.contains { key in
            word.starts(with: key) && word.count >= key.count + 16
                && word.allSatisfy { isLetterOrDigit($0) || "-_.=+/".utf8.contains($0) }
        }
    }

    /// Where user and password stand in `scheme://USER@host`; nil without.
    static func user(in word: ArraySlice<UInt8>) -> Range<Int>? {
        guard let colon = word.firstIndex(of: UInt8(ascii: ":")), word[colon...].starts(with: "://".utf8)
        else {
            return nil
        }
        let start = colon + 3
        let end = word[start...].firstIndex { "/?#".utf8.contains($0) } ?? word.endIndex
        guard let at = word[start..<end].lastIndex(of: UInt8(ascii: "@")) else { return nil }
        return start..<at
    }

    /// Whether a byte is a letter or a digit of ASCII.
    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
