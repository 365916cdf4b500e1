/// What a DNS question or record is about (RFC 1035, 3.2.2, and IANA's list).
struct RecordType: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt16

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// An IPv4 address.
    static let a = RecordType(rawValue: 1)
    /// The name that a name stands for.
    static let cname = RecordType(rawValue: 5)
    /// The start of a zone; in a negative answer it says for how long (RFC 2308).
    static let soa = RecordType(rawValue: 6)
    /// The name of an address.
    static let ptr = RecordType(rawValue: 12)
    /// An IPv6 address (RFC 3596).
    static let aaaa = RecordType(rawValue: 28)
    /// What one side can do beyond RFC 1035 (RFC 6891).
    static let opt = RecordType(rawValue: 41)
    /// How a service is reached (RFC 9460).
    static let svcb = RecordType(rawValue: 64)
    /// How a web server is reached (RFC 9460).
    static let https = RecordType(rawValue: 65)
}

/// How a question was taken (RFC 1035, 4.1.1, and RFC 6891, 9).
enum ResponseCode: UInt8, Sendable {
    case noError = 0
    /// The question can't be read.
    case formatError = 1
    case serverFailure = 2
    /// NXDOMAIN: there is no such name.
    case nameError = 3
    case notImplemented = 4
    case refused = 5
    /// BADVERS: an EDNS of a version that isn't known; its upper bits stand in the OPT record.
    case badVersion = 16
}
