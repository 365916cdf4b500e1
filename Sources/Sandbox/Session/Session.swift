public import Linux

/// What runs in a sandbox and with which surroundings, beside the plan that builds it.
public struct Session: Sendable {
    /// The command.
    public let command: Command
    /// Its environment, ready for execve(2).
    public let environment: [CString]
    /// What it gets on descriptors 0 to 2.
    public let descriptors: StandardDescriptors
    /// What the command may call; init is under the plan's filter, from which no profile takes anything.
    public let filter: CommandFilter

    /// Joins the parts.
    public init(
        command: Command, environment: [CString], descriptors: StandardDescriptors, filter: CommandFilter
    ) {
        self.filter = filter
        self.command = command
        self.environment = environment
        self.descriptors = descriptors
    }
}
