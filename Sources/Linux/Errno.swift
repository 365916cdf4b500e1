internal import CLinux

/// An error number of the kernel (errno(3)).
public struct Errno: Error, Hashable, Sendable {
    /// The number, positive.
    public let code: Int32

    /// Wraps a number.
    public init(_ code: Int32) {
        self.code = code
    }

    /// Operation not permitted.
    public static let notPermitted = Errno(1)
    /// No such file or directory.
    public static let noEntry = Errno(2)
    /// Interrupted system call.
    public static let interrupted = Errno(4)
    /// Bad file descriptor.
    public static let badDescriptor = Errno(9)
    /// Resource temporarily unavailable.
    public static let again = Errno(11)
    /// Cannot allocate memory.
    public static let noMemory = Errno(12)
    /// Too many open files.
    public static let tooManyFiles = Errno(24)
    /// Too many open files on the whole host.
    public static let tooManyFilesOnHost = Errno(23)
    /// No buffer space available.
    public static let noBuffers = Errno(105)
    /// Permission denied.
    public static let accessDenied = Errno(13)
    /// Device or resource busy.
    public static let busy = Errno(16)
    /// File exists.
    public static let exists = Errno(17)
    /// Invalid cross-device link; of openat2(2): the path leads out of the directory.
    public static let crossDevice = Errno(18)
    /// Not a directory.
    public static let notDirectory = Errno(20)
    /// Is a directory.
    public static let isDirectory = Errno(21)
    /// Bad address.
    public static let badAddress = Errno(14)
    /// Read-only file system.
    public static let readOnlyFileSystem = Errno(30)
    /// File name too long.
    public static let nameTooLong = Errno(36)
    /// Invalid argument.
    public static let invalidArgument = Errno(22)
    /// Inappropriate ioctl for device.
    public static let notTerminal = Errno(25)
    /// No space left on device; also: the limit of user namespaces is reached (user_namespaces(7)).
    public static let noSpace = Errno(28)
    /// Function not implemented.
    public static let notImplemented = Errno(38)
    /// Too many levels of symbolic links.
    public static let loop = Errno(40)
    /// Stale file handle; here also: another file lies where the plan found one.
    public static let stale = Errno(116)
    /// Operation not supported.
    public static let notSupported = Errno(95)
    /// Input or output error; on a pseudo-terminal's master: nobody has the other side open.
    public static let inputOutput = Errno(5)
    /// Address family not supported by protocol: the kernel lacks it.
    public static let addressFamilyNotSupported = Errno(97)
    /// Network is unreachable.
    public static let networkUnreachable = Errno(101)
    /// Cannot assign requested address.
    public static let addressNotAvailable = Errno(99)
    /// Protocol error.
    public static let protocolError = Errno(71)
    /// No such device; of a FUSE device also: the file system is gone (fuse(4)).
    public static let noDevice = Errno(19)
    /// Connection reset by peer.
    public static let connectionReset = Errno(104)
    /// Connection refused.
    public static let connectionRefused = Errno(111)
    /// Connection timed out.
    public static let timedOut = Errno(110)
    /// Broken pipe: the other end is closed.
    public static let brokenPipe = Errno(32)
    /// Operation now in progress: the connection is being made.
    public static let inProgress = Errno(115)
    /// Operation already in progress: the connection is still being made.
    public static let alreadyInProgress = Errno(114)
    /// Protocol not available: the socket has no such option.
    public static let noProtocolOption = Errno(92)
    /// No route to host; here also: the host has no address.
    public static let hostUnreachable = Errno(113)
    /// Software caused connection abort: a connection was gone before it was accepted.
    public static let connectionAborted = Errno(103)
    /// No such process.
    public static let noProcess = Errno(3)
}

extension Errno {
    /// The name of its constant, such as `EACCES`; nil for a number without one.
    public var name: String? {
        guard let text = unsafe mews_strerrorname(code) else { return nil }
        return unsafe String(cString: text)
    }
}

extension Errno: CustomStringConvertible {
    /// The C library's sentence for it, in the C locale.
    public var description: String {
        guard let text = unsafe mews_strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
