internal import Audit
internal import Linux

/// What a session's first record says of the host, beside `KernelFacts` (Landlock's version), `HostFacts` (the
/// user) and `Version`.
public struct HostRecord: Hashable, Sendable {
    /// The kernel's release (uname(2)).
    public let kernelRelease: [UInt8]
    /// The host's name.
    public let hostName: [UInt8]
    /// SHA-256 over a text of our own and the host's machine-id(5), in hexadecimal digits: tells hosts apart
    /// without disclosing the identifier, as that page asks for. nil on a host without one.
    public let machineDigest: String?
    /// The user who logged in, whoever they became since (proc_pid_loginuid(5)); nil when nobody did, as in a
    /// service, or when the kernel doesn't keep it.
    public let loginUser: UInt32?

    /// Reads it; what can't be read is empty or nil.
    public static func read() -> HostRecord {
        let name = try? KernelName()
        return HostRecord(
            kernelRelease: name?.release ?? [], hostName: name?.host ?? [],
            machineDigest: line(of: "/etc/machine-id").flatMap(digest(ofMachine:)),
            loginUser: line(of: "/proc/self/loginuid").flatMap(loginUser(_:)))
    }

    /// The digest of what stands in machine-id(5); nil for what isn't 32 hexadecimal digits, as `uninitialized`.
    static func digest(ofMachine identifier: [UInt8]) -> String? {
        let isDigit = { (byte: UInt8) in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        guard identifier.count == 32, identifier.allSatisfy(isDigit) else { return nil }
        return Hexadecimal.text(SHA256.digest(of: Array("mews.machine.v1\n".utf8) + identifier))
    }

    /// All ones mean that nobody logged in.
    static func loginUser(_ text: [UInt8]) -> UInt32? {
        let user = UInt32(String(decoding: text, as: UTF8.self))
        return user == .max ? nil : user
    }

    private static func line(of path: String) -> [UInt8]? {
        let flags: Files.Flags = [.read, .nonBlocking, .noControllingTerminal, .closeOnExec]
        guard let file = try? Files.open(CString(path), flags),
            let bytes = try? Files.read(file.number, atMost: 256)
        else { return nil }
        return Array(bytes.prefix { $0 != UInt8(ascii: "\n") })
    }
}
