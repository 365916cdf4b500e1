public import Linux

/// What an address is for: whether a name may lead there without a line that says so.
public enum AddressKind: UInt8, Sendable, CaseIterable {
    /// Reached over the Internet, as far as its number tells.
    case global = 1
    /// Of networks of one's own: RFC 1918, the shared addresses of providers (RFC 6598), unique local and
    /// site-local IPv6.
    case privateUse
    /// The host itself.
    case loopback
    /// The link that the host is on.
    case linkLocal
    /// `0.0.0.0/8` and `::`: to Linux, the host itself.
    case unspecified
    /// Many hosts at once, broadcast included.
    case multicast
    /// Documentation, benchmarks, protocols, what isn't handed out, and IPv6 that stands for an IPv4 address by
    /// a way that nobody uses any more.
    case reserved
    /// Hands out the credentials of a machine or container to whoever asks from within.
    case metadata
}

extension IPAddress {
    /// What the address is for, by the registries of IANA for special purposes (RFC 6890, as of 2025).
    ///
    /// What those call globally reachable without being hosts of anybody (anycast of protocols in 192.0.0.0/24
    /// and 2001::/23) counts as reserved. IPv6 is global in 2000::/3 alone: the rest isn't handed out.
    /// An IPv6 address that a translator or tunnel takes to an IPv4 address is what that one is.
    public var kind: AddressKind {
        if Self.metadata.contains(self) { return .metadata }
        if let version4 {
            return Self.version4Blocks.first { version4 >> $0.shift == $0.prefix >> $0.shift }?.kind
                ?? .global
        }
        if high == 0, low <= 1 { return low == 0 ? .unspecified : .loopback }
        if let embedded {
            let kind = embedded.address.kind
            return kind == .global && !embedded.isInUse ? .reserved : kind
        }
        return Self.version6Blocks.first { $0.contains(high) }?.kind ?? .reserved
    }

    /// The IPv4 address to which a translator or tunnel would take this IPv6 one; nil for any other.
    public var translated: IPAddress? { version4 == nil ? embedded?.address : nil }

    /// The IPv4 address in this IPv6 one, and whether networks still have such addresses in use: NAT64 does,
    /// and a name server of such a network answers so for every host (RFC 6147).
    private var embedded: (address: IPAddress, isInUse: Bool)? {
        let last = UInt32(truncatingIfNeeded: low)
        // 64:ff9b::/96, RFC 6052
        if high == 0x0064_ff9b_0000_0000, low >> 32 == 0 { return (IPAddress(version4: last), true) }
        // ::/96, compatible with IPv4 (RFC 4291, 2.5.5.1), and ::ffff:0:0:0/96, translated (RFC 2765, 2.1)
        if high == 0, low >> 32 == 0 || low >> 32 == 0xffff_0000 {
            return (IPAddress(version4: last), false)
        }
        // 2002::/16, 6to4 (RFC 3056)
        if high >> 48 == 0x2002 {
            return (IPAddress(version4: UInt32(truncatingIfNeeded: high >> 16)), false)
        }
        // 2001::/32, Teredo: the client's own, inverted (RFC 4380, 4)
        if high >> 32 == 0x2001_0000 { return (IPAddress(version4: ~last), false) }
        return nil
    }
}

extension IPAddress {
    private struct Block4: Sendable {
        let prefix: UInt32
        let shift: UInt32
        let kind: AddressKind

        init(_ prefix: UInt32, _ length: UInt32, _ kind: AddressKind) {
            self.prefix = prefix
            self.shift = 32 - length
            self.kind = kind
        }
    }

    /// A block of at most 64 bits.
    private struct Block6: Sendable {
        let prefix: UInt64
        let shift: UInt64
        let kind: AddressKind

        init(_ prefix: UInt64, _ length: UInt64, _ kind: AddressKind) {
            self.prefix = prefix
            self.shift = 64 - length
            self.kind = kind
        }

        func contains(_ high: UInt64) -> Bool { high >> shift == prefix >> shift }
    }

    private static let version4Blocks: [Block4] = [
        Block4(0x0000_0000, 8, .unspecified),  // 0.0.0.0/8, RFC 791
        Block4(0x0a00_0000, 8, .privateUse),  // 10.0.0.0/8, RFC 1918
        Block4(0x6440_0000, 10, .privateUse),  // 100.64.0.0/10, RFC 6598
        Block4(0x7f00_0000, 8, .loopback),  // 127.0.0.0/8, RFC 1122
        Block4(0xa9fe_0000, 16, .linkLocal),  // 169.254.0.0/16, RFC 3927
        Block4(0xac10_0000, 12, .privateUse),  // 172.16.0.0/12, RFC 1918
        Block4(0xc000_0000, 24, .reserved),  // 192.0.0.0/24, RFC 6890
        Block4(0xc000_0200, 24, .reserved),  // 192.0.2.0/24, RFC 5737
        Block4(0xc058_6300, 24, .reserved),  // 192.88.99.0/24, RFC 7526
        Block4(0xc0a8_0000, 16, .privateUse),  // 192.168.0.0/16, RFC 1918
        Block4(0xc612_0000, 15, .reserved),  // 198.18.0.0/15, RFC 2544
        Block4(0xc633_6400, 24, .reserved),  // 198.51.100.0/24, RFC 5737
        Block4(0xcb00_7100, 24, .reserved),  // 203.0.113.0/24, RFC 5737
        Block4(0xe000_0000, 4, .multicast),  // 224.0.0.0/4, RFC 5771
        Block4(0xffff_ffff, 32, .multicast),  // 255.255.255.255, RFC 919
        Block4(0xf000_0000, 4, .reserved),  // 240.0.0.0/4, RFC 1112
    ]

    /// The first that holds the address counts.
    private static let version6Blocks: [Block6] = [
        Block6(0x2001_0000 << 32, 23, .reserved),  // 2001::/23, RFC 2928, with all that is in it
        Block6(0x2001_0db8 << 32, 32, .reserved),  // 2001:db8::/32, RFC 3849
        Block6(0x3fff_0000 << 32, 20, .reserved),  // 3fff::/20, RFC 9637
        Block6(0x2000_0000 << 32, 3, .global),  // 2000::/3, RFC 4291
        Block6(0xfc00_0000 << 32, 7, .privateUse),  // fc00::/7, RFC 4193
        Block6(0xfe80_0000 << 32, 10, .linkLocal),  // fe80::/10, RFC 4291
        Block6(0xfec0_0000 << 32, 10, .privateUse),  // fec0::/10, RFC 3879
        Block6(0xff00_0000 << 32, 8, .multicast),  // ff00::/8, RFC 4291
    ]

    /// Where machines and containers ask for their credentials. Some lie in blocks that are anybody's, and that
    /// of Azure in one that looks public.
    private static let metadata: Set<IPAddress> = Set(
        [
            "169.254.169.254",  // Amazon, Google, Azure, DigitalOcean, Oracle, OpenStack and others
            "169.254.169.252",  // Google's server on the nodes of a cluster
            "169.254.170.2", "169.254.170.23",  // Amazon's, for containers and for pods
            "fd00:ec2::254", "fd00:ec2::23",  // Amazon
            "fd20:ce::254",  // Google
            "fd00:c1::a9fe:a9fe",  // Oracle
            "fe80::a9fe:a9fe",  // OpenStack
            "169.254.42.42", "fd00:42::42",  // Scaleway
            "169.254.0.23",  // Tencent
            "100.100.100.200",  // Alibaba
            "192.0.0.192",  // Oracle's older cloud
            "168.63.129.16",  // Azure's host
        ].compactMap { IPAddress($0) })
}

extension DomainName {
    /// Whether the name is one by which clouds' machines know where they ask for credentials: nothing is asked
    /// about it, whatever it would lead to.
    public var isMetadata: Bool { Self.metadata.contains(text) }

    /// Whether the name is the host itself by definition (RFC 6761, 6.3).
    public var isLoopback: Bool { text == "localhost" || text.hasSuffix(".localhost") }

    private static let metadata: Set<String> = [
        "metadata", "metadata.google.internal", "metadata.goog", "instance-data",
        "instance-data.ec2.internal", "metadata.azure.internal", "metadata.tencentyun.com",
        "metadata.oraclecloud.com", "metadata.platformequinix.com",
    ]
}
