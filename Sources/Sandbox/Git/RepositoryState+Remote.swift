extension RepositoryState {
    private static let mostAddressBytes = 2048

    /// An address without what stands before the host's `@`, where people put passwords and tokens:
    /// `scheme://user:password@host/path` and `user@host:path`. A path of the host stays as it is.
    static func withoutUser(_ address: [UInt8]) -> [UInt8]? {
        guard !address.isEmpty, address.count <= mostAddressBytes else { return nil }
        var start = address.startIndex
        var rest = address[...]
        if let scheme = schemeEnd(address) {
            start = scheme
            rest = address[scheme...]
        } else if address.first == UInt8(ascii: "/") || address.first == UInt8(ascii: ".") {
            return address
        }
        // A password may hold an `@` that isn't escaped; a path may as well, behind the first slash.
        let authority = rest.prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        guard let sign = authority.lastIndex(of: UInt8(ascii: "@")) else { return address }
        return Array(address[..<start]) + address[(sign + 1)...]
    }

    /// The place behind `://`.
    private static func schemeEnd(_ address: [UInt8]) -> Int? {
        guard let colon = address.firstIndex(of: UInt8(ascii: ":")),
            address[(colon + 1)...].starts(with: "//".utf8),
            !address[..<colon].contains(UInt8(ascii: "/"))
        else { return nil }
        return colon + 3
    }
}
