internal import Network

/// A name as a DNS message holds it (RFC 1035, 3.1): labels of any bytes, here in lower case, without the root's empty
/// label. Not every such name is a host's.
struct WireName: Hashable, Sendable {
    /// Each label with its length before it.
    let bytes: [UInt8]

    /// The root.
    static let root = WireName(canonical: [])

    /// The most bytes, without the root's.
    static let most = 254

    /// Takes labels that were checked, in lower case.
    init(canonical bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A host's name.
    init(_ name: DomainName) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.text.utf8.count + 1)
        for label in name.text.utf8.split(separator: UInt8(ascii: ".")) {
            bytes.append(UInt8(label.count))
            bytes += label
        }
        self.bytes = bytes
    }

    /// The labels, from the left.
    var labels: [ArraySlice<UInt8>] {
        var labels: [ArraySlice<UInt8>] = []
        var place = 0
        while place < bytes.count {
            let end = place + 1 + Int(bytes[place])
            labels.append(bytes[(place + 1)..<end])
            place = end
        }
        return labels
    }

    /// The host that it names; nil when it names none. A dot within a label isn't taken for one between two.
    var domainName: DomainName? {
        let dot = UInt8(ascii: ".")
        let labels = labels
        guard !labels.isEmpty, labels.allSatisfy({ !$0.contains(dot) }) else { return nil }
        return DomainName(Array(labels.joined(separator: [dot])))
    }

    /// What a person reads (RFC 1035, 5.1): bytes that don't print and dots within labels are escaped.
    var text: [UInt8] {
        let texts = labels.map { label in label.flatMap(Self.escaped) }
        return texts.isEmpty ? [UInt8(ascii: ".")] : Array(texts.joined(separator: [UInt8(ascii: ".")]))
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let backslash = UInt8(ascii: "\\")
        if byte == backslash || byte == UInt8(ascii: ".") { return [backslash, byte] }
        if (0x21...0x7e).contains(byte) { return [byte] }
        let digits = [byte / 100, byte / 10 % 10, byte % 10]
        return [backslash] + digits.map { $0 + UInt8(ascii: "0") }
    }

    /// Whether its last labels are these.
    func ends(in suffix: [String]) -> Bool {
        let labels = labels
        return labels.count >= suffix.count
            && zip(labels.suffix(suffix.count), suffix).allSatisfy { $0.elementsEqual($1.utf8) }
    }
}
