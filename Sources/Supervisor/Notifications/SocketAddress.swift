internal import Linux

/// The address of a socket as a call has it in memory.
enum SocketAddress {
    /// The address of the Internet and the port in an address (ip(7), ipv6(7)); nil in one of another family.
    static func endpoint(_ bytes: [UInt8]) -> SocketEndpoint? {
        guard bytes.count >= 8 else { return nil }
        let port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        switch (bytes[0], bytes[1]) {
        case (2, 0): return IPAddress(bytes: bytes[4..<8]).map { SocketEndpoint($0, port) }
        case (10, 0) where bytes.count >= 24:
            return IPAddress(bytes: bytes[8..<24]).map { SocketEndpoint($0, port) }
        default: return nil
        }
    }

    /// The longest: `sun_path` with the family before it (unix(7)).
    static let longest = 110

    /// The path in an address; nil when it is of another family, abstract or unnamed.
    static func path(_ bytes: [UInt8]) -> [UInt8]? {
        let unix: [UInt8] = [1, 0]
        guard bytes.count > 2, bytes.count <= longest, bytes.starts(with: unix) else { return nil }
        let name = bytes[2...].prefix { $0 != 0 }
        return name.isEmpty ? nil : Array(name)
    }
}
