/// Bytes with a terminating NUL, ready for the kernel, made before the clone so that the child only hands
/// them on.
public struct CString: Hashable, Sendable {
    /// The characters with the NUL.
    let characters: [CChar]

    /// Copies bytes.
    ///
    /// - Precondition: none of them is NUL; the kernel would take the text as ending there.
    public init(_ bytes: some Collection<UInt8>) {
        var characters: [CChar] = []
        characters.reserveCapacity(bytes.count + 1)
        for byte in bytes {
            precondition(byte != 0, "NUL inside a C string")
            characters.append(CChar(bitPattern: byte))
        }
        characters.append(0)
        self.characters = characters
    }

    /// Copies text without NUL.
    public init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// Copies a path.
    public init(_ path: AbsolutePath) {
        self.init(path.bytes)
    }

    /// The empty string, which together with AT_EMPTY_PATH names a descriptor itself.
    public static let empty = CString([UInt8]())

    /// The bytes without the NUL.
    public var bytes: [UInt8] { characters.dropLast().map { UInt8(bitPattern: $0) } }
}
