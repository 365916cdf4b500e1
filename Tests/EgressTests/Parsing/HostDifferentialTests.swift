import Foundation
import Linux
import Network
import TestSupport
import Testing

@testable import Egress

/// Where two readers of a URL see two hosts, one is checked and the other connected to.
@Suite("Where a host is taken, nobody reads another one")
struct HostDifferentialTests {
    /// What hostile authorities are made of.
    private static let pieces = [
        "example.com", "evil.com", "EXAMPLE.com", "a", "b-c", "_x", "xn--exmple-cua", "127.0.0.1", "0x7f.1",
        "127.1",
        "2130706433", "0177.0.0.1", "10.2.3.4", "1", "::1", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1%25lo]",
        "[2001:db8::1.2.3.4]", "[", "]", ".", "..", ".com", ":", ":80", ":443", ":0", ":65536", ":00443",
        ":+443", ":x",
        "@", "user@", "user:password@", "@example.com", "/", "//", "\\", "?", "#", "#@", "%2f", "%40", "%00",
        "%65",
        "%", "\t", " ", "\r", "\n", "\0", "\u{7f}", ";", ",", "&", "=", "+", "$", "!", "*", "~", "|", "^",
        "<", ">",
        "\"", "'", "`", "{", "}", "ä", "е", "ｅ", "。", "．", "\u{ad}", "\u{200d}", "\u{2044}", "\u{ff0f}", "℀",
        "①",
        "\u{fe68}", "\u{202e}",
    ]

    private static func authorities() -> [String] {
        var random = SplitMix(seed: 7)
        let made = (0..<8000).map { _ in
            (0..<Int.random(in: 1...4, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
        }
        // Sound ones, too, or it might be that nothing is taken.
        let hosts = [
            "Example.com", "a.b_c.example.com.", "10.2.3.4", "[::1]", "[2001:DB8:0::1]", "[::ffff:1.2.3.4]",
        ]
        return made + hosts.flatMap { host in ["", ":1", ":80", ":8080", ":65535"].map { host + $0 } }
    }

    /// Whom Mews takes an authority for, in a URL.
    private static func taken(_ text: String) -> RequestedEndpoint? {
        var exchange = HTTPExchange(.proxy)
        exchange.client(Array("GET http://\(text)/ HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        if case .judge(let request) = exchange.next() { return request.endpoint }
        return nil
    }

    /// The same host in the one form of ours; nil where it isn't one.
    private static func canonical(_ host: String, port: Int) -> RequestedEndpoint? {
        let bytes = Array(host.utf8)
        let host = bytes.contains(UInt8(ascii: ":")) ? RequestedHost(socks: bytes) : RequestedHost(bytes)
        return host.flatMap { host in UInt16(exactly: port).map { RequestedEndpoint(host, $0) } }
    }

    @Test("Foundation's URL")
    func foundation() throws {
        var agreed = 0
        for text in Self.authorities() {
            guard let taken = Self.taken(text), let url = URL(string: "http://\(text)/"),
                let host = url.host()
            else {
                continue
            }
            let plain = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
            #expect(Self.canonical(plain, port: url.port ?? 80) == taken, "\(text.debugDescription)")
            agreed += 1
        }
        #expect(agreed > 100)
    }

    @Test("urllib and http.client of Python")
    func python() throws {
        let authorities = Self.authorities()
        let answers = try Self.ask(authorities)
        try #require(answers.count == authorities.count)
        var agreed = 0
        for (text, answer) in zip(authorities, answers) {
            let readings = answer.split(separator: " ").map { Self.reading($0) }
            try #require(readings.count == 2)
            // In a URL, and as the Host of a request or what CONNECT is given.
            let taken = [Self.taken(text), RequestedEndpoint(authority: Array(text.utf8), defaultPort: 80)]
            for (taken, reading) in zip(taken, readings) {
                guard let taken, let reading else { continue }
                #expect(
                    Self.canonical(reading.host, port: reading.port) == taken,
                    "\(text.debugDescription): \(reading.host)")
                agreed += 1
            }
        }
        #expect(agreed > 200)
    }

    private static func ask(_ authorities: [String]) throws -> [Substring] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        let script = try #require(
            Bundle.module.path(forResource: "hosts", ofType: "py", inDirectory: "Fixtures"))
        process.arguments = ["-I", script]
        let input = FileManager.default.temporaryDirectory.appending(path: "mews-hosts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: input) }
        let lines = authorities.map { $0.utf8.map { String(format: "%02x", $0) }.joined() + "\n" }
        try Data(lines.joined().utf8).write(to: input)
        let output = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    /// What a reader of Python's said; nil where it refused.
    private static func reading(_ text: Substring) -> (host: String, port: Int)? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = Int(parts[1]) else { return nil }
        return (String(decoding: bytes(parts[0]), as: UTF8.self), port)
    }

    private static func bytes(_ hexadecimal: Substring) -> [UInt8] {
        let digits = Array(hexadecimal)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }
}
