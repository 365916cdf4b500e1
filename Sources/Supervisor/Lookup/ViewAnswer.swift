internal import Linux

/// What the view has at a path, or would have if the path were granted.
enum ViewAnswer: Hashable {
    /// Nothing.
    case missing
    /// A directory.
    case directory
    /// A regular file.
    case file
    /// A socket.
    case socket
    /// A device, a pipe or anything else.
    case special
    /// A symbolic link with its target.
    case link([UInt8])
    /// Something of a kind that can't be told.
    case something
    /// Nobody was asked, because the answer may never come.
    case notProbed
    /// A component before the last is a link, so the whole says nothing.
    case throughLink

    /// What a look-up without links says.
    init(_ answer: HostAnswer?) {
        switch answer {
        case nil: self = .throughLink
        case .missing: self = .missing
        case .link(let target): self = .link(target)
        case .notProbed: self = .notProbed
        case .unreadable: self = .something
        case .found(let status): self.init(status.kind)
        }
    }

    init(_ kind: FileStatus.Kind) {
        switch kind {
        case .directory: self = .directory
        case .regular: self = .file
        case .socket: self = .socket
        default: self = .special
        }
    }

    /// Whether there is something, as far as it is known.
    var exists: Bool { self != .missing }
}
