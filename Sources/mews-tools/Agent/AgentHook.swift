/// What Mews does when Claude Code tells of something.
enum AgentHook: String, CaseIterable {
    /// Tells the model what is allowed.
    case sessionStart = "session-start"
    /// Looks at a call before it is made.
    case preToolUse = "pre-tool-use"
    /// Tells the model what of a call was denied.
    case postToolUse = "post-tool-use"
    /// Writes down that settings have changed.
    case configChange = "config-change"
}
