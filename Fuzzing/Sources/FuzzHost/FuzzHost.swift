internal import Fuzzer
internal import Glibc
internal import Linux
internal import Network

/// A host, and a host with its port, as they stand in requests: what is taken is what everybody else would take it for.
@main
enum FuzzHost {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            FuzzHost.checkName(bytes)
            FuzzHost.checkHost(bytes)
            FuzzHost.checkEndpoint(bytes)
            return 0
        }
    }

    /// One form, which is its own, and never one that the C library reads as a number.
    private static func checkName(_ bytes: [UInt8]) {
        guard let name = DomainName(bytes) else { return }
        let text = Array(name.text.utf8)
        Fuzzer.check(DomainName(text) == name, "\(name) has another form")
        Fuzzer.check(text.count <= DomainName.most && !text.isEmpty, "\(text.count) bytes")
        Fuzzer.check(
            text.allSatisfy {
                ($0 >= 0x61 && $0 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2d || $0 == 0x2e
                    || $0 == 0x5f
            }, "\(name) has other characters")
        Fuzzer.check(
            String(decoding: bytes, as: UTF8.self).lowercased().utf8.starts(with: text),
            "\(name) is not what stood there")
        Fuzzer.check(bytes.count <= text.count + 1, "a part of it was left out")
        Fuzzer.check(number(name.text) == nil, "\(name) is a number to the C library")
    }

    /// What is an address here is the same address to the C library, and what is one there is none other here.
    private static func checkHost(_ bytes: [UInt8]) {
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        guard let host = RequestedHost(bytes) else { return }
        Fuzzer.check(RequestedHost(Array("\(host)".utf8)) == host, "\(host) has another form")
        Fuzzer.check(!bytes.contains(0), "a NUL in \(host)")
        switch host {
        case .name: Fuzzer.check(number(text) == nil, "\(host) is a number to the C library")
        case .address(let address):
            if bytes.first == UInt8(ascii: "[") {
                let inner = String(text.dropFirst().dropLast())
                Fuzzer.check(version6(inner) == address, "\(host) is another address to the C library")
            } else {
                Fuzzer.check(number(text) == address.version4, "\(host) is another address to the C library")
            }
        }
    }

    /// A host and a port, and neither more nor less.
    private static func checkEndpoint(_ bytes: [UInt8]) {
        let endpoint = RequestedEndpoint(authority: bytes)
        let relaxed = RequestedEndpoint(authority: bytes, defaultPort: 80)
        Fuzzer.check(endpoint == nil || endpoint == relaxed, "the default takes a port's place")
        guard let relaxed else { return }
        Fuzzer.check(
            RequestedEndpoint(authority: Array("\(relaxed)".utf8)) == relaxed, "\(relaxed) has another form")
        guard endpoint != nil else {
            Fuzzer.check(RequestedHost(bytes) == relaxed.host, "\(relaxed) has a port of its own")
            return
        }
        // By the last colon, as another reader would cut it.
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { fatalError("no port in \(relaxed)") }
        Fuzzer.check(
            RequestedHost(bytes[..<colon]) == relaxed.host, "\(relaxed) isn't the host before the colon")
        let digits = String(decoding: bytes[(colon + 1)...], as: UTF8.self)
        Fuzzer.check(digits == "\(relaxed.port)" && relaxed.port > 0, "\(digits) isn't \(relaxed.port)")
    }

    /// What inet_aton(3) makes of it, which is what most programs' look-ups try first.
    private static func number(_ text: String) -> UInt32? {
        var address = in_addr()
        guard unsafe inet_aton(text, &address) == 1 else { return nil }
        return UInt32(bigEndian: address.s_addr)
    }

    private static func version6(_ text: String) -> IPAddress? {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        return IPAddress(bytes: bytes)
    }
}
