public import Linux

/// What runs in a sandbox and with which surroundings, beside the plan that builds it.
public struct Session: Sendable {
    /// The command.
    public let command: Command
    /// Its environment, ready for execve(2).
    public let environment: [CString]
    /// What it gets on descriptors 0 to 2.
    public let descriptors: StandardDescriptors

    /// A filter for the command alone, on top of the plan's; nil without one.
    public let filter: [UInt64]?

    /// Joins the parts.
    public init(
        command: Command, environment: [CString], descriptors: StandardDescriptors, filter: [UInt64]?
    ) {
        self.filter = filter
        self.command = command
        self.environment = environment
        self.descriptors = descriptors
    }
}
