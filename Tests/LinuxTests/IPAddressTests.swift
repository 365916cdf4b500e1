import Linux
import Testing

@Suite("An address is read in its usual writing alone")
struct IPAddressTests {
    @Test(
        "and written in one way",
        arguments: [
            ("10.2.3.4", "10.2.3.4"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
            ("::", "::"), ("::1", "::1"), ("fd00::1", "fd00::1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("::ffff:127.0.0.1", "127.0.0.1"), ("::ffff:7f00:1", "127.0.0.1"), ("::127.0.0.1", "::7f00:1"),
            ("64:ff9b::10.0.0.1", "64:ff9b::a00:1"), ("FE80::A", "fe80::a"), ("1::", "1::"),
        ])
    func writing(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(bytes: address.bytes) == address)
        #expect(IPAddress(canonical) == address)
    }

    @Test(
        "nothing else is one",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4 ", "0x7f.0.0.1", "127.1", ":", ":::",
            "1:2",
            "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "::1%lo", "[::1]", "::12345", "::g", "::+1",
            "::-0", "1::-0:2",
            "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", ":1::2", "::1:",
        ])
    func refused(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
