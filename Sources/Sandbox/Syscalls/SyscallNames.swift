/// The names of this processor's system calls.
public enum SyscallNames {
    /// By number.
    public static var byNumber: [UInt32: String] {
        var names: [UInt32: String] = [:]
        for (number, name) in SyscallArchitecture.native.calls { names[number] = name }
        return names
    }
}
