/// A fatal alert (RFC 8446, 6.2): tells a TLS client that it was refused, rather than that the line broke.
enum TLSAlert: UInt8, Sendable {
    /// What was sent isn't a ClientHello that can be read.
    case decodeError = 50
    /// Policy forbids it.
    case accessDenied = 49
    /// No such server name here.
    case unrecognizedName = 112

    /// The alert as a record, unencrypted as anything before a ServerHello.
    var encoded: [UInt8] {
        let alert: UInt8 = 21
        let fatal: UInt8 = 2
        return [alert, 3, 3, 0, 2, fatal, rawValue]
    }
}
