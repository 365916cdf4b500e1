/// The address of a socket as a call has it in memory (unix(7)).
enum SocketAddress {
    /// The longest: `sun_path` with the family before it.
    static let longest = 110

    /// The path in an address; nil when it is of another family, abstract or unnamed.
    static func path(_ bytes: [UInt8]) -> [UInt8]? {
        let unix: [UInt8] = [1, 0]
        guard bytes.count > 2, bytes.count <= longest, bytes.starts(with: unix) else { return nil }
        let name = bytes[2...].prefix { $0 != 0 }
        return name.isEmpty ? nil : Array(name)
    }
}
