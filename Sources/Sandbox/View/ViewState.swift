internal import Profile

/// What the view holds at a path.
enum ViewState: Hashable {
    /// Nothing: the skeleton's own directories at most.
    case absent
    /// A place that exists and can't be used.
    case masked
    /// The host's tree.
    case host(Access)
    /// A place that Mews fills itself.
    case own(OwnPlace)

    /// Whether what lies here can be renamed from inside, so that a mount further below must be pinned.
    var canBeRearranged: Bool {
        switch self {
        case .host(.write), .own(.directory): true
        case .absent, .masked, .host, .own: false
        }
    }

    /// Whether the host's files are reached here.
    var showsHost: Bool {
        if case .host = self { true } else { false }
    }
}
