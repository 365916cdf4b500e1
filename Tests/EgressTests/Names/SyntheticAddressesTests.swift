import Linux
import Network
import TestSupport
import Testing

@testable import Egress

@Suite("Each name has an address of its own")
struct SyntheticAddressesTests {
    private static let key = (0..<32).map { UInt8($0) }

    private func name(_ text: String) throws -> DomainName { try #require(DomainName(text)) }

    private func table(_ names: [String] = [], most: Int = 16_384, key: [UInt8] = key) throws
        -> SyntheticAddresses
    {
        try #require(SyntheticAddresses(key: key, names: try names.map(name), most: most))
    }

    @Test("the hash is SipHash-2-4: its authors' results for the texts 0, 0 1, 0 1 2, ...")
    func reference() {
        let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        #expect(SipHash.hash([], key: key) == 0x726f_db47_dd0e_0e31)
        #expect(SipHash.hash([0], key: key) == 0x74f8_39c5_93dc_67fd)
        #expect(SipHash.hash((0..<8).map { UInt8($0) }, key: key) == 0x93f5_f579_9a93_2462)
        #expect(SipHash.hash((0..<15).map { UInt8($0) }, key: key) == 0xa129_ca61_49be_45e5)
    }

    @Test("a name has the same address in every table of a key, and another one under another key")
    func stable() throws {
        var first = try table(["a.example", "b.example"])
        var second = try table(["c.example"])
        for text in ["a.example", "b.example", "c.example", "d.example"] {
            let addresses = (first.give(text), second.give(text))
            #expect(addresses.0 != nil && addresses.0 == addresses.1)
        }
        var other = try table(key: Self.key.reversed())
        var last = try table(key: Array(Self.key.dropLast()) + [0])
        let (known, reversed, changed) = (
            first.give("a.example"), other.give("a.example"), last.give("a.example")
        )
        #expect(known != reversed && known != changed, "every byte of the key counts")
        #expect(SyntheticAddresses(key: [1, 2, 3], names: []) == nil)
    }

    @Test("every address is of 198.18.0.0/15, of one name, and leads back to it")
    func unique() throws {
        var addresses = try table(most: 100_000)
        var seen: Set<IPAddress> = []
        for number in 0..<60_000 {
            let given = addresses.give("host-\(number).example")
            let address = try #require(given)
            let number = try #require(address.version4)
            #expect(number >> 17 == 0xc612_0000 >> 17 && (1...254).contains(number & 0xff))
            #expect(seen.insert(address).inserted)
        }
        #expect(seen.compactMap { addresses.name(of: $0) }.count == 60_000)
    }

    @Test("a door that is started anew knows what the policy spells out")
    func restarted() throws {
        var before = try table(["a.example"])
        let given = before.give("a.example")
        let address = try #require(given)
        #expect(try table(["a.example"]).name(of: address) == DomainName("a.example"))
        #expect(try table().name(of: address) == nil)
        #expect(try table(["a.example"]).name(of: try #require(IPAddress("198.20.0.1"))) == nil)
    }

    @Test("when there are too many, the one asked for the longest ago goes, but none with a connection (38)")
    func exhausted() throws {
        var addresses = try table(["fixed.example"], most: 3)
        let fixed = addresses.give("fixed.example")
        let given = [addresses.give("a.x"), addresses.give("b.x"), addresses.give("c.x")]
        let all = given.compactMap(\.self)
        addresses.connectionOpened(to: all[0])
        addresses.connectionOpened(to: all[0])
        _ = addresses.give("b.x")
        let (later, name) = (addresses.give("d.x"), addresses.name(of: all[2]))
        #expect(later != nil && name == nil, "c.x was used the longest ago of those that may go")
        #expect(addresses.name(of: all[0]) == DomainName("a.x"))
        addresses.connectionOpened(to: all[1])
        addresses.connectionOpened(to: try #require(later))
        let (none, still) = (addresses.give("e.x"), addresses.give("fixed.example"))
        #expect(none == nil && still == fixed)
        addresses.connectionClosed(to: all[0])
        let half = addresses.give("e.x")
        #expect(half == nil, "one of its two connections is still open")
        addresses.connectionClosed(to: all[0])
        let freed = addresses.give("e.x")
        #expect(freed != nil && addresses.name(of: all[0]) != DomainName("a.x"))
        #expect(addresses.count == 4)
    }

    @Test("what happens in any order keeps the table and its list together")
    func model() throws {
        var random = SplitMix(seed: 38)
        var addresses = try table(["f.x"], most: 8)
        var open: [IPAddress] = []
        var recent: [String] = []
        for _ in 0..<20_000 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where !open.isEmpty:
                addresses.connectionClosed(
                    to: open.remove(at: Int.random(in: 0..<open.count, using: &random)))
            case 1 where open.count < 7:
                guard let text = recent.randomElement(using: &random), let address = addresses.give(text)
                else { continue }
                addresses.connectionOpened(to: address)
                open.append(address)
            default:
                let text = "n\(Int.random(in: 0..<30, using: &random)).x"
                let given = addresses.give(text)
                #expect(given != nil)
                recent = Array((recent + [text]).suffix(5))
            }
            #expect(addresses.count <= 9)
            #expect(open.allSatisfy { addresses.name(of: $0) != nil })
        }
    }

    @Test("each address is told of once before it is given out, again when it went to another name")
    func told() throws {
        var addresses = try table(["a.x"], most: 1)
        var told = [addresses.takeNew()]
        for texts in [["a.x", "a.x", "b.x"], [], ["c.x", "b.x"]] {
            for text in texts { _ = addresses.give(text) }
            told.append(addresses.takeNew())
        }
        #expect(told.map { $0.map(\.1.text) } == [[], ["a.x", "b.x"], [], ["c.x", "b.x"]])
    }
}

extension SyntheticAddresses {
    /// A name's address, by the name's text.
    mutating func give(_ text: String) -> IPAddress? { DomainName(text).flatMap { address(of: $0) } }
}
