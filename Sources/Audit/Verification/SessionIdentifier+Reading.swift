extension SessionIdentifier {
    /// Whether the text is a UUID of version 7 in the form that Mews writes, and so nothing but a plain file name.
    public static func isCanonical(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36, bytes[14] == UInt8(ascii: "7") else { return false }
        return bytes.indices.allSatisfy { index in
            switch (index, bytes[index]) {
            case (8, let byte), (13, let byte), (18, let byte), (23, let byte): byte == UInt8(ascii: "-")
            case (_, UInt8(ascii: "0")...UInt8(ascii: "9")), (_, UInt8(ascii: "a")...UInt8(ascii: "f")): true
            default: false
            }
        }
    }
}
