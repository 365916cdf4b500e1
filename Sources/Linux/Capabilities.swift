internal import CLibcap
internal import CLinux

/// The capabilities of this process (capabilities(7)).
public enum Capabilities {
    private enum Control {
        static let readBoundingSet: Int32 = 23
        static let dropFromBoundingSet: Int32 = 24
        static let setSecureBits: Int32 = 28
        static let ambient: Int32 = 47
        static let clearAmbient: UInt = 4
    }

    /// SECBIT_NOROOT, SECBIT_NO_SETUID_FIXUP and SECBIT_NO_CAP_AMBIENT_RAISE, each with its lock, and the
    /// lock of SECBIT_KEEP_CAPS: user 0 is nobody special from here on.
    private static let lockedSecureBits: UInt = 0xef

    /// Gives up every capability in every set, and the ways to get one back.
    ///
    /// The bounding set and the secure bits come first: changing them takes CAP_SETPCAP, which is gone
    /// afterwards. What `execve` could add from a file is cut off by the empty bounding set
    /// (CVE-2022-27650 was an inheritable set that had been forgotten).
    public static func dropAll() throws(Errno) {
        var capability: UInt = 0
        while true {
            let result = mews_prctl(Control.dropFromBoundingSet, capability, 0, 0, 0)
            // The first number that this kernel doesn't have, which it says of reading it as well: whatever lies
            // between the kernel and here may give the same answer for a reason of its own.
            if result == -Errno.invalidArgument.code && capability > 0,
                mews_prctl(Control.readBoundingSet, capability, 0, 0, 0) == result
            {
                break
            }
            _ = try check(result)
            capability += 1
        }
        _ = try check(mews_prctl(Control.setSecureBits, lockedSecureBits, 0, 0, 0))
        try giveUp()
    }

    /// Gives up every capability that this process has, which takes none. execve(2) could give some back: for a
    /// process that has no more programs to execute, or no right to change the bounding set.
    public static func giveUp() throws(Errno) {
        _ = try check(mews_prctl(Control.ambient, Control.clearAmbient, 0, 0, 0))
        guard let none = unsafe cap_init() else { throw Errno.noMemory }
        defer { _ = unsafe cap_free(UnsafeMutableRawPointer(none)) }
        if unsafe cap_set_proc(none) != 0 { throw .notPermitted }
    }
}
