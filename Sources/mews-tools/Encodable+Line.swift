internal import FoundationEssentials

extension Encodable {
    /// As one object in a line of JSON, its members in alphabetical order.
    ///
    /// - Throws: never for values that JSON has.
    func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
