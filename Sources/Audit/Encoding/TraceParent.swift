/// The `traceparent` of a caller that traces its work (W3C Trace Context, section 3.2).
enum TraceParent {
    /// Whether it is of version 00 with identifiers that aren't all zeros. Others are left out: the value comes
    /// from the environment, and what reads the log joins by it.
    static func isWellFormed(_ value: [UInt8]) -> Bool {
        let parts = value.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 32, 16, 2], parts[0].elementsEqual("00".utf8) else { return false }
        let isHexadecimal = parts.joined().allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        return isHexadecimal && !parts[1...2].contains { $0.allSatisfy { $0 == UInt8(ascii: "0") } }
    }
}
