/// Tokens that can be told by how they begin, as their issuers document so that scanners can find them.
struct TokenShape {
    /// What such a token begins with.
    let start: [UInt8]
    /// The fewest bytes behind that.
    let least: Int
    /// Which bytes besides letters and digits.
    let others: [UInt8]

    private init(_ start: String, _ least: Int, _ others: String = "_-") {
        self.start = Array(start.utf8)
        self.least = least
        self.others = Array(others.utf8)
    }

    /// GitHub, GitLab, Anthropic and OpenAI, Slack, AWS, JSON Web Tokens, npm, PyPI, Google, Hugging Face,
    /// DigitalOcean, Docker, Stripe, Shopify, SendGrid, Vault, age.
    static let all = [
        TokenShape("ghp_", 16), TokenShape("gho_", 16), TokenShape("ghu_", 16), TokenShape("ghs_", 16),
        TokenShape("ghr_", 16), TokenShape("github_pat_", 16), TokenShape("glpat-", 12, "_-."),
        TokenShape("glptt-", 12), TokenShape("gldt-", 12), TokenShape("glrt-", 12), TokenShape("sk-", 16),
        TokenShape("xoxb-", 8), TokenShape("xoxp-", 8), TokenShape("xoxa-", 8), TokenShape("xoxr-", 8),
        TokenShape("xoxs-", 8), TokenShape("xoxe.", 8, "_-."), TokenShape("xapp-", 8),
        TokenShape("AKIA", 16, ""),
        TokenShape("ASIA", 16, ""), TokenShape("eyJ", 12, "_-."), TokenShape("npm_", 16),
        TokenShape("pypi-", 16), TokenShape("AIza", 30), TokenShape("ya29.", 16, "_-."),
        TokenShape("hf_", 16),
        TokenShape("dop_v1_", 16), TokenShape("dckr_pat_", 12), TokenShape("sk_live_", 12),
        TokenShape("sk_test_", 12), TokenShape("rk_live_", 12), TokenShape("whsec_", 12),
        TokenShape("shpat_", 16), TokenShape("SG.", 32, "_-."), TokenShape("hvs.", 16),
        TokenShape("AGE-SECRET-KEY-1", 16),
    ]

    /// The end of such a token that begins at a place; nil when none does.
    static func end(in bytes: ArraySlice<UInt8>, at place: Int) -> Int? {
        let rest = bytes[place...]
        for shape in all where rest.first == shape.start[0] && rest.starts(with: shape.start) {
            let body = rest.dropFirst(shape.start.count).prefix {
                Bytes.isLetter($0) || Bytes.isDigit($0) || shape.others.contains($0)
            }
            if body.count >= shape.least { return body.endIndex }
        }
        return nil
    }
}
