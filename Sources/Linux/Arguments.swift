internal import CLinux

/// What the process was started with, as bytes.
public enum Arguments {
    /// The command line with the program's own name first.
    public static func commandLine() -> [[UInt8]] {
        let count = Int(CommandLine.argc)
        let vector = unsafe CommandLine.unsafeArgv
        return (0..<count).compactMap { index in
            guard let argument = unsafe vector[index] else { return nil }
            return unsafe bytes(argument)
        }
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
