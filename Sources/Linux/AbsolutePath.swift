/// An absolute path as the kernel sees it: bytes, not text, in normal form.
///
/// Normal form means that it starts with `/`, has no empty, `.` or `..` component and no trailing slash.
/// The type says nothing of what exists: `..` is rejected, not resolved, because resolving it lexically
/// is wrong as soon as a component is a symbolic link (path_resolution(7)).
public struct AbsolutePath: Hashable, Sendable {
    /// The bytes of the path, without a terminating NUL.
    public let bytes: [UInt8]

    /// The root directory.
    public static let root = AbsolutePath(unchecked: [slash])

    static let slash = UInt8(ascii: "/")

    /// The bytes in one piece; the derived way takes each by itself.
    public func hash(into hasher: inout Hasher) {
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    /// Takes bytes that are known to be in normal form.
    init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads a path, dropping doubled and trailing slashes.
    ///
    /// - Returns: nil when it is empty or relative, holds a NUL byte, or a `.` or `..` component.
    public init?(_ raw: some Collection<UInt8>) {
        guard raw.first == Self.slash else { return nil }
        if Self.isNormal(raw) {
            self.init(unchecked: Array(raw))
            return
        }
        var normal: [UInt8] = []
        normal.reserveCapacity(raw.count)
        for component in raw.split(separator: Self.slash) {
            guard AbsolutePath.isComponent(component) else { return nil }
            normal.append(Self.slash)
            normal.append(contentsOf: component)
        }
        self.init(unchecked: normal.isEmpty ? [Self.slash] : normal)
    }

    /// Whether bytes that start with `/` need nothing dropped or refused: the usual case, told in one pass. False
    /// also for what has to be looked at closer: a component of dots alone.
    private static func isNormal(_ raw: some Collection<UInt8>) -> Bool {
        var length = 0
        var dots = 0
        var isFirst = true
        for byte in raw {
            if byte == slash {
                // Nothing or only dots between this slash and the last one.
                if !isFirst, length <= dots { return false }
                length = 0
                dots = 0
            } else if byte == 0 {
                return false
            } else {
                length += 1
                if byte == UInt8(ascii: ".") { dots += 1 }
            }
            isFirst = false
        }
        return length > dots
    }

    /// Reads a path from text; the same rules as for bytes.
    public init?(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// Whether the bytes can be one component of a normal path.
    public static func isComponent(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, !bytes.contains(0), !bytes.contains(slash) else { return false }
        guard first == UInt8(ascii: ".") else { return true }
        return !(bytes.count == 1 || (bytes.count == 2 && bytes.allSatisfy { $0 == UInt8(ascii: ".") }))
    }

    /// Whether this is `/`.
    public var isRoot: Bool { bytes.count == 1 }

    /// The components from the root on; empty for `/`.
    public var components: [ArraySlice<UInt8>] {
        bytes.split(separator: Self.slash)
    }

    /// The number of components; 0 for `/`.
    public var depth: Int {
        isRoot ? 0 : bytes.reduce(0) { $0 + ($1 == Self.slash ? 1 : 0) }
    }

    /// The last component; empty for `/`.
    public var lastComponent: ArraySlice<UInt8> {
        guard let cut = bytes.lastIndex(of: Self.slash) else { return [] }
        return bytes[(cut + 1)...]
    }

    /// The directory that holds this path; nil for `/`.
    public var parent: AbsolutePath? {
        guard !isRoot, let cut = bytes.lastIndex(of: Self.slash) else { return nil }
        return cut == 0 ? .root : AbsolutePath(unchecked: Array(bytes[..<cut]))
    }

    /// The directories above this path, nearest first, `/` last; empty for `/`.
    public var ancestors: [AbsolutePath] {
        var found: [AbsolutePath] = []
        var next = parent
        while let directory = next {
            found.append(directory)
            next = directory.parent
        }
        return found
    }

    /// The path one component deeper.
    ///
    /// - Precondition: `isComponent(component)`.
    public func appending(_ component: some Collection<UInt8>) -> AbsolutePath {
        precondition(AbsolutePath.isComponent(component), "not one path component")
        var longer = isRoot ? [] : bytes
        longer.reserveCapacity(longer.count + component.count + 1)
        longer.append(Self.slash)
        longer.append(contentsOf: component)
        return AbsolutePath(unchecked: longer)
    }

    /// The path one component deeper, from text.
    public func appending(_ component: String) -> AbsolutePath {
        appending(Array(component.utf8))
    }

    /// The path that a relative path below this one names.
    ///
    /// - Returns: nil when it is absolute, or holds a NUL byte or a `.` or `..` component.
    public func appending(relative: some Collection<UInt8>) -> AbsolutePath? {
        guard relative.first != Self.slash else { return nil }
        var longer: [UInt8] = []
        longer.reserveCapacity(bytes.count + 1 + relative.count)
        if !isRoot { longer.append(contentsOf: bytes) }
        longer.append(Self.slash)
        longer.append(contentsOf: relative)
        // Only what is appended can break the normal form, but a look at all of it costs little.
        return AbsolutePath(longer)
    }

    /// Whether `other` is this path or lies below it, whole components compared.
    public func contains(_ other: AbsolutePath) -> Bool {
        if isRoot { return true }
        guard other.bytes.count >= bytes.count, other.bytes.starts(with: bytes) else { return false }
        return other.bytes.count == bytes.count || other.bytes[bytes.count] == Self.slash
    }

    /// The bytes of `other` below this path, without a leading slash; nil when it lies elsewhere.
    public func relative(of other: AbsolutePath) -> ArraySlice<UInt8>? {
        guard contains(other) else { return nil }
        return isRoot ? other.bytes[1...] : other.bytes.dropFirst(bytes.count + 1)
    }
}

extension AbsolutePath: CustomStringConvertible {
    /// The path for people: control bytes, `\` and what isn't UTF-8 as `\xNN`.
    public var description: String { PrintableText.escape(bytes) }
}

extension AbsolutePath: Comparable {
    /// Byte order with `/` first, so that a directory sorts before everything below it and nothing
    /// else comes between.
    public static func < (left: AbsolutePath, right: AbsolutePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes) { rank($0) < rank($1) }
    }

    private static func rank(_ byte: UInt8) -> UInt8 {
        byte == slash ? 0 : byte
    }
}
