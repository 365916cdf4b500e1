import Linux
import Network
import Testing

@Suite("What an address is for is read from its number")
struct AddressKindTests {
    /// The first and last address of each block, and their neighbours, by the registries of IANA.
    static let table: [(String, AddressKind)] = [
        ("0.0.0.0", .unspecified), ("0.255.255.255", .unspecified), ("1.0.0.0", .global),
        ("9.255.255.255", .global), ("10.0.0.0", .privateUse), ("10.255.255.255", .privateUse),
        ("11.0.0.0", .global), ("100.63.255.255", .global), ("100.64.0.0", .privateUse),
        ("100.127.255.255", .privateUse), ("100.128.0.0", .global), ("126.255.255.255", .global),
        ("127.0.0.0", .loopback), ("127.255.255.255", .loopback), ("128.0.0.0", .global),
        ("169.253.255.255", .global), ("169.254.0.0", .linkLocal), ("169.254.255.255", .linkLocal),
        ("169.255.0.0", .global), ("172.15.255.255", .global), ("172.16.0.0", .privateUse),
        ("172.31.255.255", .privateUse), ("172.32.0.0", .global), ("191.255.255.255", .global),
        ("192.0.0.0", .reserved), ("192.0.0.9", .reserved), ("192.0.0.255", .reserved),
        ("192.0.1.0", .global),
        ("192.0.2.0", .reserved), ("192.0.2.255", .reserved), ("192.0.3.0", .global),
        ("192.31.196.1", .global), ("192.52.193.1", .global), ("192.88.98.255", .global),
        ("192.88.99.0", .reserved), ("192.88.99.255", .reserved), ("192.88.100.0", .global),
        ("192.167.255.255", .global), ("192.168.0.0", .privateUse), ("192.168.255.255", .privateUse),
        ("192.169.0.0", .global), ("192.175.48.1", .global), ("198.17.255.255", .global),
        ("198.18.0.0", .reserved), ("198.19.255.255", .reserved), ("198.20.0.0", .global),
        ("198.51.99.255", .global), ("198.51.100.0", .reserved), ("198.51.100.255", .reserved),
        ("198.51.101.0", .global), ("203.0.112.255", .global), ("203.0.113.0", .reserved),
        ("203.0.113.255", .reserved), ("203.0.114.0", .global), ("223.255.255.255", .global),
        ("224.0.0.0", .multicast), ("239.255.255.255", .multicast), ("240.0.0.0", .reserved),
        ("255.255.255.254", .reserved), ("255.255.255.255", .multicast),

        ("::", .unspecified), ("::1", .loopback), ("::2", .unspecified), ("64:ff9a:ffff::", .reserved),
        ("100::", .reserved), ("100:0:0:1::1", .reserved), ("1fff:ffff::", .reserved),
        ("2000::", .global), ("2000:ffff::", .global), ("2001:1::1", .reserved),
        ("2001:2::1", .reserved), ("2001:3::1", .reserved), ("2001:4:112::1", .reserved),
        ("2001:10::1", .reserved), ("2001:20::1", .reserved), ("2001:30::1", .reserved),
        ("2001:1ff:ffff::", .reserved), ("2001:200::", .global), ("2001:db7:ffff::", .global),
        ("2001:db8::", .reserved), ("2001:db8:ffff:ffff::", .reserved), ("2001:db9::", .global),
        ("2001:4860:4860::8888", .global), ("2003::", .global), ("2606:4700:4700::1111", .global),
        ("2620:4f:8000::1", .global), ("3ffe:ffff::", .global), ("3fff::", .reserved),
        ("3fff:fff:ffff::", .reserved), ("3fff:1000::", .global), ("4000::", .reserved),
        ("5f00::", .reserved),
        ("fbff::", .reserved), ("fc00::", .privateUse), ("fdff:ffff::", .privateUse), ("fe00::", .reserved),
        ("fe7f::", .reserved), ("fe80::", .linkLocal), ("febf:ffff::1", .linkLocal), ("fec0::", .privateUse),
        ("feff::", .privateUse), ("ff00::", .multicast), ("ff02::1", .multicast),
    ]

    @Test("of every block and its neighbours", arguments: table)
    func blocks(text: String, kind: AddressKind) throws {
        #expect(try #require(IPAddress(text)).kind == kind)
    }

    @Test(
        "and in IPv6 that leads to an IPv4 address, from that one",
        arguments: [
            // NAT64 is how a network without IPv4 names every host; the other ways are out of use.
            ("64:ff9b::8.8.8.8", .global), ("64:ff9b::10.0.0.1", .privateUse), ("64:ff9b::7f00:1", .loopback),
            ("64:ff9b::169.254.169.254", .metadata), ("64:ff9b::1:0:0", .reserved),
            ("64:ff9b:1::10.0.0.1", .reserved), ("64:ff9b:1::8.8.8.8", .reserved),
            ("::8.8.8.8", .reserved), ("::127.0.0.1", .loopback), ("::192.168.1.1", .privateUse),
            ("::169.254.169.254", .metadata), ("::ffff:0:8.8.8.8", .reserved),
            ("::ffff:0:10.0.0.1", .privateUse),
            ("::ffff:10.0.0.1", .privateUse), ("::ffff:8.8.8.8", .global), ("::ffff:7f00:1", .loopback),
            ("::ffff:169.254.169.254", .metadata), ("2002:808:808::1", .reserved),
            ("2002:a00:1::1", .privateUse), ("2002:7f00:1::", .loopback), ("2002:a9fe:a9fe::1", .metadata),
            ("2001:0:4136:e378:8000:63bf:f5ff:fffe", .privateUse),
            ("2001:0:4136:e378:8000:63bf:5601:5601", .metadata), ("2001::", .multicast),
            ("2001:0:4136:e378:8000:63bf:f7f7:f7f7", .reserved),
        ] as [(String, AddressKind)])
    func embedded(text: String, kind: AddressKind) throws {
        #expect(try #require(IPAddress(text)).kind == kind)
    }

    @Test(
        "where clouds hand out credentials, also where the block says otherwise",
        arguments: [
            "169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd20:ce::254",
            "100.100.100.200", "192.0.0.192", "168.63.129.16",
        ])
    func metadata(text: String) throws {
        #expect(try #require(IPAddress(text)).kind == .metadata)
    }

    @Test(
        "their names are known in every writing",
        arguments: ["metadata.google.internal", "METADATA.google.internal.", "metadata", "instance-data"])
    func metadataNames(text: String) throws {
        #expect(try #require(DomainName(text)).isMetadata)
    }
}
