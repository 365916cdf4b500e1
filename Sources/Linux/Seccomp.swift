internal import CLinux

/// System call filters (seccomp(2)).
public enum Seccomp {
    /// Loads a filter for this process and all that come from it.
    ///
    /// The instructions are packed `struct sock_filter`, at most 4,096.
    public static func load(_ instructions: [UInt64]) throws(Errno) {
        guard let count = UInt16(exactly: instructions.count) else { throw .invalidArgument }
        _ = try check(unsafe mews_seccomp_load(instructions, count, 0))
    }
}
