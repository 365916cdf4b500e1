internal import Linux
internal import Network

/// What hosts(5) says: addresses, each with its names.
struct HostsFile: Sendable {
    private var addresses: [DomainName: [IPAddress]] = [:]

    /// Reads the file; a line that it can't read says nothing.
    init(_ file: [UInt8]) {
        for line in file.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == 0 }) {
            let words = TextLine.words(line.prefix { $0 != UInt8(ascii: "#") })
            guard let first = words.first, let address = IPAddress(first) else { continue }
            for name in words.dropFirst().compactMap({ DomainName($0) }) {
                var known = addresses[name] ?? []
                guard !known.contains(address), known.count < NameAnswer.mostAddresses else { continue }
                known.append(address)
                addresses[name] = known
            }
        }
    }

    /// The addresses of a name, IPv4 first; nil when the file doesn't name it. Then no server is asked for the other
    /// family either, as the C library does it.
    subscript(name: DomainName) -> [IPAddress]? {
        guard let known = addresses[name] else { return nil }
        return known.filter { $0.version4 != nil } + known.filter { $0.version4 == nil }
    }
}
