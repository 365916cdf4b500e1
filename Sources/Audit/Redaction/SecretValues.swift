/// What values look like.
enum SecretValues {
    /// Whether a value is the path of a file: keys in base64 have slashes too, but seldom so few other signs.
    static func isPath(_ value: ArraySlice<UInt8>) -> Bool {
        for start in ["./", "../", "~/", "@"] where value.starts(with: start.utf8) { return true }
        guard value.first == UInt8(ascii: "/") else { return false }
        return !value.contains(UInt8(ascii: "=")) && !value.contains(UInt8(ascii: "+"))
    }

    /// Whether text stands somewhere in bytes.
    static func contains(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool {
        var ranges: [Range<Int>] = []
        LiteralSearch(Array(text.utf8))?.find(in: Array(bytes), into: &ranges)
        return !ranges.isEmpty
    }
}
