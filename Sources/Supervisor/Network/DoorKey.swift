internal import Linux
internal import Network

/// What the addresses that stand for names are made from: a secret of the user's, so that a name has the same address
/// in all of the user's sandboxes, and nobody else knows it beforehand.
enum DoorKey {
    private static let name = CString("addresses.key")

    /// The key, made when there is none.
    ///
    /// Where it can be neither read nor made, there is one for this time only: nothing but the sameness of addresses
    /// depends on it.
    ///
    /// - Parameters:
    ///   - directory: Mews's directory of state, which no sandbox can reach.
    ///   - user: who has to own the key, the effective user.
    /// - Returns: its bytes, `DoorSettings.keySize` of them.
    static func load(from directory: AbsolutePath, user: UInt32) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        let fresh = (0..<DoorSettings.keySize).map { _ in UInt8.random(in: 0...255, using: &random) }
        do throws(Errno) {
            let place = try Files.open(CString(directory), [.read, .directory, .noFollow, .closeOnExec])
            if let key = try read(in: place.number, user) { return key }
            try make(fresh, in: place.number, temporary: CString(".addresses.\(random.next())"))
            // Another session may have been quicker.
            return try read(in: place.number, user) ?? fresh
        } catch { return fresh }
    }

    /// The key; nil when there is none.
    ///
    /// - Throws: when something else lies there, or somebody else could have written it.
    private static func read(in directory: Int32, _ user: UInt32) throws(Errno) -> [UInt8]? {
        let file: FileDescriptor
        do throws(Errno) {
            file = try Files.open(name, at: directory, [.read, .noFollow, .nonBlocking, .closeOnExec])
        } catch .noEntry { return nil }
        let status = try Files.status(of: file.number)
        guard status.kind == .regular, status.uid == user, status.mode & 0o077 == 0,
            status.size == UInt64(DoorSettings.keySize)
        else { throw .invalidArgument }
        let key = try Files.read(file.number, atMost: DoorSettings.keySize)
        guard key.count == DoorSettings.keySize else { throw .invalidArgument }
        return key
    }

    /// Puts a key there whole, unless there is one.
    private static func make(
        _ key: [UInt8], in directory: Int32, temporary: CString
    ) throws(Errno) {
        let file = try Files.open(
            temporary, at: directory, [.write, .create, .exclusive, .noFollow, .closeOnExec], mode: 0o600)
        do throws(Errno) {
            try Files.writeAll(file.number, key)
            try Files.rename(temporary, to: name, in: directory)
        } catch {
            try? Files.remove(temporary, at: directory)
            if error != .exists { throw error }
        }
    }
}
