/// Makes ClientHellos, sound ones and others.
struct HelloMaker {
    var version: UInt16 = 0x0303
    var names: [[UInt8]]? = [Array("example.com".utf8)]
    var nameType: UInt8 = 0
    var protocols: [String] = []
    var extra: [(type: UInt16, data: [UInt8])] = []
    var hasExtensions = true

    static func length(_ count: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    }

    static func vector(_ bytes: [UInt8], lengthBytes: Int) -> [UInt8] {
        length(bytes.count, bytes: lengthBytes) + bytes
    }

    private func add(_ type: UInt16, _ data: [UInt8]) -> [UInt8] {
        Self.length(Int(type), bytes: 2) + Self.vector(data, lengthBytes: 2)
    }

    private var extensions: [UInt8] {
        var bytes: [UInt8] = []
        if let names {
            let list = names.flatMap { [nameType] + Self.vector($0, lengthBytes: 2) }
            bytes += add(0, Self.vector(list, lengthBytes: 2))
        }
        if !protocols.isEmpty {
            let list = protocols.flatMap { Self.vector(Array($0.utf8), lengthBytes: 1) }
            bytes += add(16, Self.vector(list, lengthBytes: 2))
        }
        return bytes + extra.flatMap { add($0.type, $0.data) }
    }

    /// The handshake message.
    var message: [UInt8] {
        var body = Self.length(Int(version), bytes: 2) + [UInt8](repeating: 7, count: 32)
        body += [0] + [0, 2, 0x13, 1] + [1, 0]
        if hasExtensions { body += Self.vector(extensions, lengthBytes: 2) }
        return [1] + Self.vector(body, lengthBytes: 3)
    }

    /// The message in records of at most `most` bytes.
    func records(of most: Int = 1 << 14) -> [UInt8] {
        var rest = message[...]
        var bytes: [UInt8] = []
        while !rest.isEmpty {
            bytes += [22, 3, 1] + Self.vector(Array(rest.prefix(most)), lengthBytes: 2)
            rest = rest.dropFirst(most)
        }
        return bytes
    }
}
