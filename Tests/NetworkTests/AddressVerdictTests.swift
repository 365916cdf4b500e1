import Linux
import Network
import Testing

@Suite("What a name leads to is looked at before it is dialled")
struct AddressVerdictTests {
    private func judge(
        _ addresses: [String], allowsPrivate: Bool = false, port: UInt16 = 443, own: String? = nil
    ) throws -> String {
        var settings = DoorSettings()
        let name = try #require(DomainName("example.com"))
        settings.allow = [
            NetworkRule(.exact(name), ports: [port], allowsPrivate: allowsPrivate)
        ]
        settings.deny = [
            NetworkDenial(.address(try #require(IPAddress("93.184.216.34")))),
            NetworkDenial(.address(try #require(IPAddress("93.184.216.35"))), port: 80),
        ]
        let decision = NetworkDecision(settings)
        guard case .allowed(let permission) = decision.decide(.name(name), port: port) else {
            return "denied"
        }
        let parsed = try addresses.map { try #require(IPAddress($0)) }
        switch decision.judge(parsed, for: permission, isOwn: { "\($0)" == own }) {
        case .dial(let dialled):
            #expect(dialled == parsed)
            return "dial"
        case .denied(let reason, let address, _): return "\(reason.word) \(address)"
        }
    }

    @Test("public addresses are dialled in their order")
    func dial() throws {
        #expect(try judge(["8.8.8.8", "2606:4700::1", "1.1.1.1"]) == "dial")
        #expect(try judge(["64:ff9b::8.8.8.8"]) == "dial")
    }

    @Test(
        "one that isn't public is enough against all",
        arguments: [
            "10.0.0.1", "127.0.0.1", "::1", "169.254.1.1", "fe80::1", "100.64.0.1", "192.168.0.1", "fd00::1",
            "198.18.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::", "0.0.0.0", "::",
            "224.0.0.1",
            "255.255.255.255", "240.0.0.1", "2001:db8::1",
        ])
    func mixed(address: String) throws {
        let canonical = try #require(IPAddress(address)).description
        #expect(try judge([address]) == "private-address \(canonical)")
        #expect(try judge(["8.8.8.8", address]) == "private-address \(canonical)")
        #expect(try judge([address, "8.8.8.8"]) == "private-address \(canonical)")
    }

    @Test("`addresses: private` lets them through, but neither 0.0.0.0 nor a group")
    func allowsPrivate() throws {
        #expect(
            try judge(["10.0.0.1", "8.8.8.8", "127.0.0.1", "fe80::1", "198.18.0.1"], allowsPrivate: true)
                == "dial")
        #expect(try judge(["0.0.0.0"], allowsPrivate: true) == "private-address 0.0.0.0")
        #expect(try judge(["::"], allowsPrivate: true) == "private-address ::")
        #expect(try judge(["10.0.0.1", "224.0.0.1"], allowsPrivate: true) == "private-address 224.0.0.1")
    }

    @Test(
        "metadata never by a name",
        arguments: ["169.254.169.254", "fd00:ec2::254", "168.63.129.16", "64:ff9b::a9fe:a9fe"])
    func metadata(address: String) throws {
        let canonical = try #require(IPAddress(address)).description
        #expect(try judge(["8.8.8.8", address]) == "metadata \(canonical)")
        #expect(try judge(["10.0.0.1", address], allowsPrivate: true) == "metadata \(canonical)")
    }

    @Test("a denied address is denied by the name as well")
    func denied() throws {
        #expect(try judge(["8.8.8.8", "93.184.216.34"]) == "denied 93.184.216.34")
        #expect(try judge(["93.184.216.34"], allowsPrivate: true) == "denied 93.184.216.34")
        // By the way of a network without IPv4 it is the same host.
        #expect(try judge(["64:ff9b::93.184.216.34"]) == "denied 64:ff9b::5db8:d822")
        #expect(try judge(["93.184.216.35"], port: 80) == "denied 93.184.216.35")
        #expect(try judge(["93.184.216.35"], port: 443) == "dial")
    }

    @Test("the host's own addresses are neighbours' only")
    func own() throws {
        #expect(try judge(["8.8.8.8", "1.2.3.4"], own: "1.2.3.4") == "own-address 1.2.3.4")
        #expect(try judge(["8.8.8.8", "1.2.3.4"], allowsPrivate: true, own: "1.2.3.4") == "dial")
    }
}
