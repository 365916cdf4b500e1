internal import Linux

/// Reads the files of `/run/mews` from inside.
///
/// They can be believed when `Inside.isHere()`: then they lie on a mount that only Mews can have made and that
/// can't be written from inside.
public enum PublishedFiles {
    /// What explanations are made from.
    ///
    /// - Throws: `failed` when the file isn't there or isn't one of this version's.
    public static func context() throws(SandboxError) -> ExplanationContext {
        let bytes = try content("policy", limit: PublishedPolicy.greatestSize)
        do throws(PublishedPolicyReader.Malformed) {
            return try PublishedPolicyReader.read(bytes)
        } catch {
            throw SandboxError(
                .failed,
                "\(PublishedContent.directory)/policy isn't what this version of mews writes (line \(error.line))"
            )
        }
    }

    /// The session: one JSON object in a line.
    ///
    /// - Throws: `failed` when the file isn't there.
    public static func session() throws(SandboxError) -> [UInt8] {
        try content("session", limit: 1 << 20)
    }

    /// What was denied so far, a JSON object each, as the supervisor wrote it. A line that is just being written
    /// isn't among them. An object with the member `full` says that later ones are missing.
    ///
    /// - Throws: `failed` when the file isn't there.
    public static func denials() throws(SandboxError) -> [[UInt8]] {
        let bytes = try content("denials", limit: PublishedDenials.greatestSize)
        let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? []
        return whole.split(separator: UInt8(ascii: "\n")).map { Array($0) }
    }

    private static func content(_ name: String, limit: Int) throws(SandboxError) -> [UInt8] {
        let path = "\(PublishedContent.directory)/\(name)"
        let bytes: [UInt8]?
        do throws(Errno) {
            let file = try Files.open(CString(path), [.read, .noFollow, .nonBlocking, .closeOnExec])
            bytes = try Files.readAll(file.number, limit: limit)
        } catch {
            throw SandboxError(.failed, "cannot read \(path)", errno: error)
        }
        guard let bytes else {
            throw SandboxError(.failed, "\(path) is larger than \(limit) bytes")
        }
        return bytes
    }
}
