internal import CLinux

/// What the process was started with, as bytes.
public enum Arguments {
    /// The command line with the program's own name first; as the process was given it, which `CommandLine` reads
    /// from /proc: without that, or without a descriptor left, it would be empty.
    public static func commandLine() -> [[UInt8]] {
        var arguments: [[UInt8]] = []
        while let argument = unsafe mews_argument(UInt(arguments.count)) {
            arguments.append(unsafe bytes(argument))
        }
        return arguments
    }

    /// The environment, each entry as `NAME=VALUE`.
    public static func environment() -> [[UInt8]] {
        var entries: [[UInt8]] = []
        while let entry = unsafe mews_environment(UInt(entries.count)) {
            entries.append(unsafe bytes(entry))
        }
        return entries
    }

    private static func bytes(_ string: UnsafePointer<CChar>) -> [UInt8] {
        var found: [UInt8] = []
        var next = unsafe string
        while unsafe next.pointee != 0 {
            found.append(UInt8(bitPattern: unsafe next.pointee))
            unsafe next += 1
        }
        return found
    }
}
