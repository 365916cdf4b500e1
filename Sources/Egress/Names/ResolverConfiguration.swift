internal import Linux
internal import Network

/// What of resolv.conf(5) is followed.
///
/// Of its options: `timeout`, `attempts` and `rotate`. `search`, `domain` and `ndots` aren't, because a name here is
/// always complete: it was decided as it is, and another one would be another host. `sortlist`, `edns0`, `trust-ad`,
/// `use-vc` and the rest change nothing of which addresses a name has.
struct ResolverConfiguration: Hashable, Sendable {
    /// Who is asked, in this order.
    var servers: [SocketEndpoint]
    /// How long one of them is waited for, in nanoseconds.
    var timeout: Int64 = 2_000_000_000
    /// How many times each is asked.
    var attempts = 2
    /// Whether the questions are spread over the servers.
    var rotates = false

    /// The most servers, as for the C library (MAXNS).
    static let mostServers = 3
    /// The longest wait for one server: a program waits for all of it.
    private static let longestTimeout = 2
    private static let mostAttempts = 3

    /// Servers as they are; tests have them at ports of their own.
    init(servers: [SocketEndpoint]) {
        self.servers = servers
    }

    /// Reads the file. Without a server in it the one of the own machine is asked, as resolv.conf(5) says.
    init(_ file: [UInt8]) {
        servers = []
        for line in file.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == 0 }) {
            let words = TextLine.words(line)
            // A comment begins at the start of a line only (resolv.conf(5)).
            switch words.first {
            case "nameserver":
                guard words.count > 1, servers.count < Self.mostServers, let address = IPAddress(words[1])
                else { continue }
                servers.append(SocketEndpoint(address, NetworkListener.namePort))
            case "options":
                for word in words.dropFirst() { take(option: word) }
            default: continue
            }
        }
        if servers.isEmpty {
            servers = [SocketEndpoint(IPAddress.loopback, NetworkListener.namePort)]
        }
    }

    private mutating func take(option: String) {
        let parts = option.split(separator: ":", maxSplits: 1)
        let number = parts.count == 2 ? Int(parts[1]) : nil
        switch (parts.first, number) {
        case ("timeout", let seconds?) where seconds > 0:
            timeout = Int64(min(seconds, Self.longestTimeout)) * 1_000_000_000
        case ("attempts", let count?) where count > 0: attempts = min(count, Self.mostAttempts)
        case ("rotate", nil): rotates = true
        default: break
        }
    }
}

/// Lines of the files of the network's configuration.
enum TextLine {
    /// The words between spaces and tabs.
    static func words(_ line: ArraySlice<UInt8>) -> [String] {
        line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
