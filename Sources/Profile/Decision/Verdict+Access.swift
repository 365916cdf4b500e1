extension Decision.Verdict {
    /// How much of the path is allowed.
    public var access: Access {
        switch self {
        case .none, .denied: .none
        case .read, .protected: .read
        case .write: .write
        }
    }
}
