/// Finds a text in others in linear time, however much it repeats itself (Knuth, Morris and Pratt 1977).
struct LiteralSearch: Sendable {
    private let text: [UInt8]
    /// For each length of a match that fails: the longest shorter one that still holds.
    private let shorter: [Int]

    /// nil for an empty text.
    init?(_ text: [UInt8]) {
        guard !text.isEmpty else { return nil }
        var shorter = [0]
        var length = 0
        for byte in text.dropFirst() {
            while length > 0, text[length] != byte { length = shorter[length - 1] }
            if text[length] == byte { length += 1 }
            shorter.append(length)
        }
        self.text = text
        self.shorter = shorter
    }

    /// Of the text.
    var length: Int { text.count }

    /// Adds where the text stands, overlapping places too.
    func find(in bytes: [UInt8], into ranges: inout [Range<Int>]) {
        var length = 0
        for (place, byte) in bytes.enumerated() {
            while length > 0, text[length] != byte { length = shorter[length - 1] }
            if text[length] == byte { length += 1 }
            if length == text.count {
                ranges.append((place + 1 - length)..<(place + 1))
                length = shorter[length - 1]
            }
        }
    }
}
