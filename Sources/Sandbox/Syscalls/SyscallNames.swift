/// The names of this processor's system calls.
public enum SyscallNames {
    /// The name of one call; nil for a number that no call has. Takes the names apart each time.
    public static func name(of number: UInt32) -> String? {
        guard let run = SyscallArchitecture.native.runs.last(where: { $0.first <= number }) else {
            return nil
        }
        let names = run.separated
        let offset = Int(number - run.first)
        return offset < names.count ? String(names[offset]) : nil
    }
}
