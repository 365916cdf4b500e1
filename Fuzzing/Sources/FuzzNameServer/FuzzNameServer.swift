@testable internal import Egress
internal import Fuzzer
internal import Linux
internal import Network

/// A datagram from inside: what is answered is well formed, and no name that isn't allowed has an answer.
@main
enum FuzzNameServer {
    private static let settings: DoorSettings = {
        var settings = DoorSettings()
        settings.key = [UInt8](repeating: 5, count: DoorSettings.keySize)
        if let name = DomainName("a.b"), let below = DomainName("c"), let secret = DomainName("d.c") {
            settings.allow = [
                NetworkRule(.exact(name), ports: [443]), NetworkRule(.below(below), ports: [80]),
            ]
            settings.deny = [NetworkDenial(.exact(secret))]
        }
        return settings
    }()
    private static let decision = NetworkDecision(settings)

    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            guard var addresses = SyntheticAddresses(FuzzNameServer.settings) else {
                fatalError("no addresses")
            }
            FuzzNameServer.check(bytes, &addresses)
            // With a header of a question in front, most inputs come to the name.
            let header: [UInt8] = [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
            FuzzNameServer.check(header + bytes, &addresses)
            FuzzNameServer.check(header + bytes + [0, 0, 1, 0, 1], &addresses)
            return 0
        }
    }

    private static func check(_ message: [UInt8], _ addresses: inout SyntheticAddresses) {
        switch NameResponder.respond(to: message, decision: decision, addresses: &addresses) {
        case .nothing:
            Fuzzer.check(message.count < 12 || message[2] & 0x80 != 0, "a question without an answer")
        case .reply(let reply): check(reply, to: message, denial: nil)
        case .denial(let reply, let denial):
            Fuzzer.check(!denial.host.isEmpty, "nobody was denied")
            Fuzzer.check(denial.host.allSatisfy { (0x21...0x7e).contains($0) }, "bytes that don't print")
            check(reply, to: message, denial: denial)
        }
        for (address, name) in addresses.takeNew() {
            Fuzzer.check(addresses.name(of: address) == name, "\(name) has no address")
            Fuzzer.check(isAllowed(name.text), "\(name) has an address")
        }
    }

    /// The policy once more, in the plainest words.
    private static func isAllowed(_ name: String) -> Bool {
        name == "a.b" || name.hasSuffix(".c") && name != "d.c"
    }

    private static func check(_ reply: [UInt8], to message: [UInt8], denial: NameResponder.Denial?) {
        Fuzzer.check(reply.count >= 12 && reply.count <= 512, "\(reply.count) bytes")
        Fuzzer.check(reply.starts(with: message[..<2]), "another number")
        Fuzzer.check(reply[2] & 0x80 != 0 && reply[2] & 0x06 == 0, "not an answer")
        let counts = (2..<6).map { Int(reply[$0 * 2]) << 8 | Int(reply[$0 * 2 + 1]) }
        let code = reply[3] & 0xf
        if counts[0] == 0 {
            Fuzzer.check(reply.count == 12 && code != 0 && code != 3 && denial == nil, "an answer to nothing")
            return
        }
        var reader = MessageReader(reply)
        guard let header = try? MessageHeader(&reader), let question = try? NameQuestion(&reader) else {
            fatalError("the question isn't there")
        }
        Fuzzer.check(header.questions == 1, "more than one question")
        Fuzzer.check(message[12...].starts(with: reply[12..<reader.position]), "another question")
        for _ in 0..<(counts[1] + counts[2] + counts[3]) {
            guard (try? NameRecord(&reader)) != nil else { fatalError("a record isn't there") }
        }
        Fuzzer.check(reader.isAtEnd, "something is behind it")
        if denial != nil {
            Fuzzer.check(counts[1] == 0 && (code == 3 || code == 0), "a denial with an answer")
        }
        if denial == nil, code == 3 {
            Fuzzer.check(question.name.ends(in: ["arpa"]), "a name was denied in silence")
        }
        let name = question.name.labels.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
        if counts[1] > 0, question.type == .a, !name.hasSuffix("localhost") {
            Fuzzer.check(isAllowed(name), "\(name) was answered")
        }
    }
}
