@testable internal import Egress
internal import Fuzzer
internal import Linux

/// Names in messages, held to a reader that follows pointers one label at a time.
@main
enum FuzzNameMessage {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            for place in 0..<min(bytes.count, 64) { FuzzNameMessage.checkName(bytes, at: place) }
            FuzzNameMessage.checkQuery(bytes)
            return 0
        }
    }

    private static func checkName(_ bytes: [UInt8], at place: Int) {
        var reader = MessageReader(bytes)
        reader.move(to: place)
        let name = try? reader.name()
        let plain = PlainName.read(bytes, at: place)
        Fuzzer.check(name?.labels.map { Array($0) } == plain?.labels, "a name was read otherwise")
        guard let name, let plain else { return }
        Fuzzer.check(reader.position == plain.end, "it ends elsewhere")
        Fuzzer.check(name.bytes.count <= WireName.most, "longer than a name")
        if let domain = name.domainName {
            Fuzzer.check(WireName(domain) == name, "\(domain) isn't the name it came from")
        }
    }

    /// What is taken for a question gives back the bytes that it consists of.
    private static func checkQuery(_ bytes: [UInt8]) {
        guard case .query(let query) = NameQuery.read(bytes) else { return }
        Fuzzer.check(bytes[12...].starts(with: query.echo), "the question was changed")
        Fuzzer.check(bytes[2] & 0xf8 == 0 && bytes[4...5].elementsEqual([0, 1]), "it isn't one question")
        let shorter = NameQuery.read(bytes.dropLast())
        if case .query = shorter { fatalError("it is one without its last byte, too") }
    }
}

/// The slow and plain reader: pointers only to before the piece that they end, never into the header.
enum PlainName {
    static func read(_ bytes: [UInt8], at start: Int) -> (labels: [[UInt8]], end: Int)? {
        var labels: [[UInt8]] = []
        var end: Int?
        var piece = start
        var place = start
        var pointers = 0
        while place < bytes.count {
            let length = Int(bytes[place])
            if length == 0 {
                let size = labels.reduce(1) { $0 + $1.count + 1 }
                return size <= 255 ? (labels, end ?? place + 1) : nil
            }
            if length >= 192 {
                guard place + 1 < bytes.count else { return nil }
                let target = (length - 192) * 256 + Int(bytes[place + 1])
                if end == nil { end = place + 2 }
                pointers += 1
                if target >= piece || target < 12 || pointers > 127 { return nil }
                piece = target
                place = target
                continue
            }
            if length > 63 || place + length >= bytes.count { return nil }
            let label = bytes[(place + 1)...(place + length)]
            labels.append(label.map { (65...90).contains($0) ? $0 + 32 : $0 })
            place += length + 1
        }
        return nil
    }
}
