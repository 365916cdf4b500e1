/// Another reader of hellos: by offsets, without a check that it can do without, and with every name that it finds.
enum LenientHello {
    /// All names in all server_name extensions.
    static func names(_ bytes: [UInt8]) -> [[UInt8]] {
        var message: [UInt8] = []
        var offset = 0
        while offset + 5 <= bytes.count {
            let end = min(bytes.count, offset + 5 + number(bytes, offset + 3, 2))
            message += bytes[(offset + 5)..<end]
            offset = end
            if message.count >= 4, message.count >= 4 + number(message, 1, 3) { break }
        }
        // Type, length, version, random; then three vectors.
        var place = 4 + 2 + 32
        place += 1 + number(message, place, 1)
        place += 2 + number(message, place, 2)
        place += 1 + number(message, place, 1)
        let end = min(message.count, 4 + number(message, 1, 3))
        place += 2
        var names: [[UInt8]] = []
        while place + 4 <= end {
            let type = number(message, place, 2)
            let length = number(message, place + 2, 2)
            if type == 0 { names += list(message, place + 6, min(end, place + 4 + length)) }
            place += 4 + length
        }
        return names
    }

    private static func list(_ message: [UInt8], _ start: Int, _ end: Int) -> [[UInt8]] {
        var place = start
        var names: [[UInt8]] = []
        while place + 3 <= end {
            let length = number(message, place + 1, 2)
            names.append(Array(message[(place + 3)..<max(place + 3, min(end, place + 3 + length))]))
            place += 3 + length
        }
        return names
    }

    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
        guard place + count <= bytes.count else { return 0 }
        return bytes[place..<(place + count)].reduce(0) { $0 << 8 | Int($1) }
    }
}
