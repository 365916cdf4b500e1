@testable internal import Audit
internal import Fuzzer

/// Text around a secret: where the secret stands as the value of a telling name or has a telling form, none of it
/// is left, and what was redacted once isn't changed by reading it again.
@main
enum FuzzRedaction {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzRedaction.check(Fuzzer.parts(unsafe Fuzzer.bytes(start, count), count: 3))
            return 0
        }
    }

    private static let secret = "Zq7Xw9Kv3TnB5mLc8RdF"
    private static let token = "ghp_\(secret)0123"
    private static let literal = Array("acme-\(secret)".utf8)
    private static let redaction = Redaction(literals: [literal])

    /// Ways to say that what follows is a secret, each on a line of its own so that what stands before, an open
    /// quotation mark say, can't change what it means.
    private static let forms = [
        "token=\(secret)", "--password=\(secret)", "API_KEY='\(secret)'", "\"secret\": \"\(secret)\"",
        "Authorization: Basic \(secret)", "https://u:\(secret)@host/x", "bearer \(secret)", token,
        "acme-\(secret)",
    ].map { Array($0.utf8) }

    private static func check(_ parts: [[UInt8]]) {
        let form = forms[Int(parts[0].first ?? 0) % forms.count]
        let line = [UInt8(ascii: "\n")]
        let text = parts[1] + line + form + line + parts[2]
        let once = redaction.redact(text)
        requireGone(from: once.bytes)
        requireStable(once)
        Fuzzer.check(
            once.bytes.count <= text.count + once.replaced * Redaction.marker.count, "the text grew")
        checkWords(parts, form)
    }

    private static func checkWords(_ parts: [[UInt8]], _ form: [UInt8]) {
        let blank = UInt8(ascii: " ")
        var words = parts[1].split(separator: blank).map { Array($0) }
        words += [form, Array("--token".utf8), Array(secret.utf8)]
        words += parts[2].split(separator: blank).map { Array($0) }
        let limit = 16 + parts[0].count * 8
        let line = redaction.redact(words: words, limit: limit)
        Fuzzer.check(line.words.reduce(0) { $0 + $1.count } <= limit, "more than the limit")
        for word in line.words { requireGone(from: word) }
        Fuzzer.check(line.words.count + line.cut >= words.count, "a word is lost")
    }

    private static func requireGone(from bytes: [UInt8]) {
        var ranges: [Range<Int>] = []
        LiteralSearch(Array(secret.utf8))?.find(in: bytes, into: &ranges)
        Fuzzer.check(ranges.isEmpty, "a secret is left in \(String(decoding: bytes, as: UTF8.self))")
    }

    private static func requireStable(_ once: Redaction.Text) {
        let again = redaction.redact(once.bytes)
        Fuzzer.check(
            again.bytes == once.bytes,
            "\(String(decoding: once.bytes, as: UTF8.self)) became \(String(decoding: again.bytes, as: UTF8.self))"
        )
    }
}
