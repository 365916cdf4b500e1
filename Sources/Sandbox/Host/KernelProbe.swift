public import Linux

/// Asks the kernel what a plan depends on.
public enum KernelProbe {
    /// Looks at this kernel and host.
    ///
    /// - Throws: `failed` when a device that every program expects isn't there.
    public static func facts() throws(SandboxError) -> KernelFacts {
        var facts = KernelFacts(
            landlockVersion: 0, hasOwnProcessLimit: hasOwnProcessLimit(), devices: try devices())
        do throws(Errno) {
            facts.landlockVersion = try Landlock.version()
        } catch {
            facts.landlockError = error
        }
        return facts
    }

    /// Finds out before anything else whether a user namespace may be made at all: inside another sandbox,
    /// where none may, also the owners of files look wrong, and that message would mislead.
    ///
    /// - Throws: `missingLayer` when the limit of this user namespace is 0.
    static func requireUserNamespaces() throws(SandboxError) {
        guard
            let file = try? Files.open(CString("/proc/sys/user/max_user_namespaces"), [.read, .closeOnExec]),
            let text = try? Files.read(file.number, atMost: 16)
        else { return }
        if text.prefix(while: { $0 != UInt8(ascii: "\n") }).elementsEqual("0".utf8) {
            throw Remedy.namespaces(.noSpace)
        }
    }

    /// Whether the root of the view can be made through a FUSE device.
    ///
    /// To be asked as the user who runs the command: on some hosts the device is for root alone.
    ///
    /// - Parameter path: the device, `/dev/fuse` on every host that has one.
    /// - Returns: whether it can be used, or why not.
    public static func skeletonDevice(_ path: AbsolutePath) -> SkeletonDevice {
        do throws(Errno) {
            let device = try Files.open(CString(path), [.readWrite, .nonBlocking, .closeOnExec])
            return try isSkeletonDevice(device.number) ? .usable : .otherFile
        } catch {
            return .closed(error)
        }
    }

    /// The number of the FUSE device is the kernel's (devices.txt in its documentation).
    static func isSkeletonDevice(_ descriptor: Int32) throws(Errno) -> Bool {
        try Files.status(of: descriptor).isCharacterDevice(major: 10, minor: 229)
    }

    /// Linux 6.14 gave every PID namespace its own `kernel.pid_max`.
    private static func hasOwnProcessLimit() -> Bool {
        guard let file = try? Files.open(CString("/proc/sys/kernel/osrelease"), [.read, .closeOnExec]),
            let release = try? Files.read(file.number, atMost: 64)
        else { return false }
        let numbers = release.split { $0 < UInt8(ascii: "0") || $0 > UInt8(ascii: "9") }.prefix(2)
            .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        return numbers.count == 2 && (numbers[0], numbers[1]) >= (6, 14)
    }

    /// The devices of the sandbox: names and numbers are the kernel's (devices.txt in its documentation).
    private static let wanted: [(name: String, major: UInt64, minor: UInt64, isNeeded: Bool)] = [
        ("null", 1, 3, true), ("zero", 1, 5, true), ("full", 1, 7, true), ("random", 1, 8, true),
        ("urandom", 1, 9, true), ("tty", 5, 0, false),
    ]

    /// The names of what a program may find in the sandbox's /dev.
    public static let deviceNames =
        wanted.map(\.name) + ["fd", "ptmx", "pts", "stderr", "stdin", "stdout", "console"]

    private static func devices() throws(SandboxError) -> [Device] {
        var devices: [Device] = []
        for device in wanted {
            let path = CString("/dev/\(device.name)")
            if let status = try? Files.status(path),
                status.isCharacterDevice(major: device.major, minor: device.minor)
            {
                devices.append(
                    Device(
                        hostPath: path, destination: CString("dev/\(device.name)"), number: status.special))
            } else if device.isNeeded {
                throw SandboxError(
                    .failed, "/dev/\(device.name) isn't the device \(device.major):\(device.minor)",
                    hint: "the host or container must have it")
            }
        }
        return devices
    }
}
