/// The effective policy of a session, by its digest and the files that it was made from.
public struct AuditedPolicy: Sendable {
    /// A file that the policy was made from.
    public struct File: Hashable, Sendable {
        /// The profile's name.
        public var name: String
        /// Where it lies.
        public var path: [UInt8]
        /// SHA-256 of its bytes, 32 bytes.
        public var digest: [UInt8]

        /// Joins the parts.
        public init(name: String, path: [UInt8], digest: [UInt8]) {
            self.name = name
            self.path = path
            self.digest = digest
        }
    }

    /// The names of the profiles that were asked for.
    public var name: String
    /// SHA-256 of the canonical form, 32 bytes.
    public var digest: [UInt8]
    /// The files, in the order in which they were merged.
    public var files: [File]

    /// Joins the parts.
    public init(name: String, digest: [UInt8], files: [File]) {
        self.name = name
        self.digest = digest
        self.files = files
    }
}
