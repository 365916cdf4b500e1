/// Types of questions to name servers (IANA, "Domain Name System Parameters"), for those that programs ask.
enum QuestionType {
    private static let names: [UInt16: String] = [
        1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 10: "NULL", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT",
        28: "AAAA", 29: "LOC", 33: "SRV", 35: "NAPTR", 37: "CERT", 43: "DS", 44: "SSHFP", 46: "RRSIG",
        47: "NSEC", 48: "DNSKEY", 52: "TLSA", 64: "SVCB", 65: "HTTPS", 99: "SPF", 251: "IXFR", 252: "AXFR",
        255: "ANY", 256: "URI", 257: "CAA",
    ]

    /// The name of a type; `TYPE` and its number where it has none here (RFC 3597, section 5).
    static func name(_ type: UInt16) -> String {
        names[type] ?? "TYPE\(type)"
    }
}
