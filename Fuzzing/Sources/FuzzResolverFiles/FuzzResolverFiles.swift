@testable internal import Egress
internal import Fuzzer
internal import Linux
internal import Network

/// The host's resolv.conf and hosts, which a network's administrator or a program beside Mews writes.
@main
enum FuzzResolverFiles {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            FuzzResolverFiles.checkConfiguration(bytes)
            FuzzResolverFiles.checkHosts(bytes)
            return 0
        }
    }

    private static let newline = UInt8(ascii: "\n")

    /// Bounded, asks nobody that no line names, and no comment changes it.
    private static func checkConfiguration(_ bytes: [UInt8]) {
        let found = ResolverConfiguration(bytes)
        Fuzzer.check(
            (1...ResolverConfiguration.mostServers).contains(found.servers.count), "\(found.servers)")
        Fuzzer.check((1...2_000_000_000).contains(found.timeout), "waits for \(found.timeout) ns")
        Fuzzer.check((1...3).contains(found.attempts), "\(found.attempts) attempts")
        let named = words(bytes).filter { $0.first == "nameserver" }.compactMap { line in
            line.count > 1 ? IPAddress(line[1]) : nil
        }
        let expected = named.isEmpty ? [IPAddress(version4: 0x7f00_0001)] : Array(named.prefix(3))
        Fuzzer.check(found.servers.map(\.address) == expected, "\(found.servers) isn't \(expected)")
        Fuzzer.check(found.servers.allSatisfy { $0.port == 53 }, "at another port")
        let commented = Array("# nameserver 192.0.2.1\n;options rotate\n".utf8) + bytes + [newline]
        Fuzzer.check(ResolverConfiguration(commented) == found, "a comment changed it")
    }

    /// A name has the addresses of the lines that name it, and no other.
    private static func checkHosts(_ bytes: [UInt8]) {
        let file = HostsFile(bytes)
        let lines = words(bytes, upTo: UInt8(ascii: "#"))
        for name in Set(lines.flatMap { $0.dropFirst() }.prefix(30)).compactMap({ DomainName($0) }) {
            let expected = lines.filter { $0.dropFirst().contains { DomainName($0) == name } }
                .compactMap { IPAddress($0[0]) }
            guard let found = file[name] else {
                Fuzzer.check(expected.isEmpty, "\(name) has no address")
                continue
            }
            Fuzzer.check((1...NameAnswer.mostAddresses).contains(found.count), "\(found.count) addresses")
            Fuzzer.check(Set(found).count == found.count, "an address twice")
            Fuzzer.check(Set(found).isSubset(of: expected), "\(name) has addresses of others")
            let order = found.map { $0.version4 == nil }
            Fuzzer.check(order == order.filter { !$0 } + order.filter(\.self), "IPv6 before IPv4")
            Fuzzer.check(HostsFile(bytes + [newline])[name] == found, "an empty line changed it")
        }
        if let stranger = DomainName("never.named.example") {
            let isNamed = lines.contains { $0.contains { DomainName($0) == stranger } }
            Fuzzer.check(isNamed || file[stranger] == nil, "a name from nowhere")
        }
    }

    /// Lines as words, read one byte after the other.
    private static func words(_ bytes: [UInt8], upTo comment: UInt8? = nil) -> [[String]] {
        var lines: [[String]] = []
        var line: [[UInt8]] = [[]]
        var isComment = false
        for byte in bytes + [newline] {
            switch byte {
            case newline, 0:
                let words = line.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
                if !words.isEmpty { lines.append(words) }
                (line, isComment) = ([[]], false)
            case comment: isComment = true
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): line.append([])
            default: if !isComment { line[line.count - 1].append(byte) }
            }
        }
        return lines
    }
}
