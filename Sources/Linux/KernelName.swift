internal import CLinux

/// What the kernel calls itself and its host (uname(2)).
public struct KernelName: Sendable {
    /// The kernel's release, such as `6.18.5-amd64`.
    public let release: [UInt8]
    /// The host's name in this UTS namespace (uts_namespaces(7)).
    public let host: [UInt8]

    /// Asks the kernel.
    public init() throws(Errno) {
        var release = [CChar](repeating: 0, count: 65)
        var host = [CChar](repeating: 0, count: 65)
        _ = try check(unsafe mews_uname(&release, &host))
        self.release = release.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        self.host = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }
}
