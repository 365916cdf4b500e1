import Network
import Testing

@Suite("A name has one form")
struct DomainNameTests {
    @Test(
        "case and a final dot make no difference",
        arguments: ["example.com", "EXAMPLE.com", "Example.Com."])
    func canonical(text: String) throws {
        #expect(DomainName(text)?.text == "example.com")
    }

    @Test(
        "what isn't a name is none",
        arguments: [
            "", ".", "a..b", ".a", "a..", "-a.b", "a-.b", "a b", "a\0.b", "ä.de", "a/b", "1.2.3.4", "127.1",
            "0x7f.1",
            "2130706433", "a.0x7", "a.1", "[::1]", "a:1", "a%2e", String(repeating: "a", count: 64) + ".b",
        ])
    func refused(text: String) {
        #expect(DomainName(text) == nil)
    }
}
