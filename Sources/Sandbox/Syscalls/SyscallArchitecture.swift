/// A processor's system call numbers, and how the kernel names it to a filter.
///
/// The numbers are our own table, not libseccomp's: the library of Debian 12 (2.5.4) doesn't know the calls
/// of newer kernels, and the meaning of a profile must not depend on the library's age.
struct SyscallArchitecture: Sendable {
    /// Consecutive numbers.
    struct Run: Sendable {
        /// The number of the first name.
        let first: UInt32
        /// The names in the order of their numbers, separated by spaces and ends of lines.
        let names: String

        /// The names apart. Byte by byte, because what Unicode knows of each character takes twenty times as long, and
        /// a launch waits for it.
        var separated: [Substring] {
            names.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.map { Substring($0) }
        }
    }

    /// `seccomp_data.arch` of a native call: AUDIT_ARCH_* of linux/audit.h.
    let auditToken: UInt32
    /// Whether a second call table hides behind bit 30 of the number under the same token (x32).
    let hasX32: Bool
    /// All numbers, ascending.
    let runs: [Run]

    /// Each call with its number, ascending.
    var calls: [(number: UInt32, name: String)] {
        runs.flatMap { run in
            run.separated.enumerated().map { offset, name in
                (run.first + UInt32(offset), String(name))
            }
        }
    }

    #if arch(x86_64)
    /// The processor that this program was built for.
    static let native = amd64
    #elseif arch(arm64)
    /// The processor that this program was built for.
    static let native = arm64
    #else
    #error("no system call numbers for this architecture")
    #endif
}
