public import Linux

/// What stands on descriptors 0, 1 and 2, and what the command gets in their place.
public struct StandardDescriptors: Sendable {
    /// What becomes of one descriptor.
    public enum Handling: Hashable, Sendable {
        /// It is handed on.
        case pass
        /// The sandbox's own terminal stands in its place.
        case terminal
        /// It was closed; the sandbox's /dev/null is opened.
        case null
    }

    /// The handling of 0, 1 and 2.
    public let handling: [Handling]

    /// Whether the command gets a terminal of its own.
    public var needsTerminal: Bool { handling.contains(.terminal) }

    /// The command's own terminal; nil when no descriptor is one.
    public var terminal: CommandTerminal? {
        guard let first = handling.firstIndex(of: .terminal) else { return nil }
        return CommandTerminal(standingFor: Int32(first), readsInput: handling[0] == .terminal)
    }

    private static let names = ["standard input", "standard output", "standard error"]

    /// Opens /dev/null on those of descriptors 0 to 2 that are closed, before anything else is opened: the
    /// next file would get their number, and be taken for the caller's (CVE-2002-0572 was such a case).
    ///
    /// - Returns: which were closed.
    /// - Throws: when one stays closed.
    public static func fillClosed() throws(Errno) -> Set<Int32> {
        var closed: Set<Int32> = []
        for number in Int32(0)..<3 where try isClosed(number) {
            let null = try Files.open(CString("/dev/null"), [.readWrite, .closeOnExec])
            // The lowest free number is this one.
            closed.insert(null.release())
        }
        return closed
    }

    private static func isClosed(_ number: Int32) throws(Errno) -> Bool {
        do throws(Errno) {
            _ = try Files.statusFlags(of: number)
            return false
        } catch .badDescriptor {
            return true
        }
    }

    /// Looks at descriptors 0 to 2.
    ///
    /// A file that the view denies or protects can't come in by a descriptor, from which it could be opened
    /// again. `closed` names those that the caller had closed. Throws `refused` for a descriptor that would
    /// open something (CVE-2024-21626 was a directory).
    public init(for view: View, closed: Set<Int32> = []) throws(SandboxError) {
        var handling: [Handling] = []
        for number in Int32(0)..<3 {
            handling.append(closed.contains(number) ? .null : try Self.handling(of: number, view))
        }
        self.handling = handling
    }

    private static func handling(of number: Int32, _ view: View) throws(SandboxError) -> Handling {
        let status: FileStatus
        let flags: Files.Flags
        do throws(Errno) {
            status = try Files.status(of: number)
            flags = try Files.statusFlags(of: number)
        } catch {
            throw unknown(number, error)
        }
        if flags.contains(.pathOnly) { throw refusal(number, "a handle to a path") }
        switch status.kind {
        case .pipe, .socket: return .pass
        case .characterDevice:
            if Terminal.isTerminal(number) { return .terminal }
            if status.isCharacterDevice(major: 1, minor: 3) { return .pass }
            throw refusal(number, "a device other than a terminal or /dev/null")
        case .regular:
            try refuseHidden(number, view)
            return .pass
        case .directory: throw refusal(number, "a directory")
        case .symbolicLink, .blockDevice, .other: throw refusal(number, "neither a file, a pipe nor a socket")
        }
    }

    private static func refuseHidden(_ number: Int32, _ view: View) throws(SandboxError) {
        let name: [UInt8]
        do throws(Errno) {
            name = try Files.readLink(CString("/proc/self/fd/\(number)"))
        } catch {
            throw unknown(number, error)
        }
        guard let path = AbsolutePath(name), let mount = view.mount(of: path) else { return }
        guard mount.reason == .mask || mount.reason == .protect else { return }
        throw SandboxError(
            .refused, "\(names[Int(number)]) is \(path), which the profile denies or protects",
            origin: mount.origin, hint: "use a pipe: cat FILE | mews run …")
    }

    private static func unknown(_ number: Int32, _ errno: Errno) -> SandboxError {
        SandboxError(.failed, "cannot tell what \(names[Int(number)]) is", errno: errno)
    }

    private static func refusal(_ number: Int32, _ what: String) -> SandboxError {
        SandboxError(
            .refused, "\(names[Int(number)]) is \(what), through which the host could be reached",
            hint: "use a pipe, a file or /dev/null")
    }
}
