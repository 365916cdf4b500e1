public import Linux

/// Why the door can't be opened.
public enum DoorError: Error, Hashable, Sendable {
    /// The settings can't be read, or don't fit the descriptors.
    case settings
    /// A call failed.
    case call(String, Errno)

    /// One line for a person.
    public var message: String {
        switch self {
        case .settings: "its settings can't be read"
        case .call(let call, let error): "\(call): \(error)"
        }
    }
}
