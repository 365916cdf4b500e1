public import Linux

/// What kind of file it is, by the numbers of OCSF (`file.type_id`).
public enum FileType: Int, Hashable, Sendable {
    /// Not looked at.
    case unknown = 0
    /// A regular file.
    case regular = 1
    /// A directory.
    case directory = 2
    /// A character device.
    case characterDevice = 3
    /// A block device.
    case blockDevice = 4
    /// A socket.
    case socket = 5
    /// A named pipe.
    case pipe = 6
    /// A symbolic link.
    case symbolicLink = 7

    /// The number for what stat(2) tells.
    public init(_ kind: FileStatus.Kind) {
        self =
            switch kind {
            case .regular: .regular
            case .directory: .directory
            case .symbolicLink: .symbolicLink
            case .characterDevice: .characterDevice
            case .blockDevice: .blockDevice
            case .pipe: .pipe
            case .socket: .socket
            case .other: .unknown
            }
    }
}
