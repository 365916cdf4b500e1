public import Linux

/// A line of the host's /etc/passwd (passwd(5)).
///
/// Read directly: the program is static, and a name service could mean the network.
public struct Account: Sendable {
    /// The login name.
    public let name: [UInt8]
    /// The group.
    public let group: UInt32
    /// The home directory, where the line has a usable one.
    public let home: AbsolutePath?

    private static let mostBytes = 1 << 20

    /// The account of a user; nil when the file has none, as in many containers.
    public static func find(_ user: UInt32) -> Account? {
        guard let file = try? Files.open(CString("/etc/passwd"), [.read, .closeOnExec]),
            let bytes = try? Files.readAll(file.number, limit: mostBytes)
        else { return nil }
        return find(user, in: bytes)
    }

    /// The account of a user in the text of such a file.
    static func find(_ user: UInt32, in bytes: [UInt8]) -> Account? {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count >= 6, number(fields[2]) == user, let group = number(fields[3]) else {
                continue
            }
            return Account(name: Array(fields[0]), group: group, home: AbsolutePath(fields[5]))
        }
        return nil
    }

    private static func number(_ field: ArraySlice<UInt8>) -> UInt32? {
        UInt32(String(decoding: field, as: UTF8.self))
    }
}
