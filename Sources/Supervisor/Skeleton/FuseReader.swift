/// Reads the fields of a request in their order, in the byte order of every processor that Mews is built for.
struct FuseReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// Passes over bytes; false when there are fewer.
    mutating func skip(_ count: Int) -> Bool {
        guard rest.count >= count else { return false }
        rest = rest.dropFirst(count)
        return true
    }

    /// Four bytes.
    mutating func word() -> UInt32? {
        number(4).map { UInt32(truncatingIfNeeded: $0) }
    }

    /// Eight bytes.
    mutating func long() -> UInt64? {
        number(8)
    }

    /// Text up to its NUL; nil when there is none.
    mutating func name() -> [UInt8]? {
        guard let end = rest.firstIndex(of: 0) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return Array(rest[..<end])
    }

    private mutating func number(_ size: Int) -> UInt64? {
        guard rest.count >= size else { return nil }
        defer { rest = rest.dropFirst(size) }
        return rest.prefix(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
