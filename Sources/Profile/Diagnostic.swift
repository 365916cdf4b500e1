/// One thing that is wrong with a profile, an option or the host: where, what, and what to write instead.
public struct Diagnostic: Error, Hashable, Sendable {
    /// The line it is about.
    public let origin: Origin
    /// What is wrong, as a clause without a full stop.
    public let problem: String
    /// What to write or do instead.
    public let remedy: String

    /// Joins the parts.
    public init(_ origin: Origin, _ problem: String, remedy: String) {
        self.origin = origin
        self.problem = problem
        self.remedy = remedy
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `FILE:LINE:COL: what is wrong; what to write instead`
    public var description: String {
        remedy.isEmpty ? "\(origin): \(problem)" : "\(origin): \(problem); \(remedy)"
    }
}

/// Everything that is wrong, not only the first thing.
public struct ProfileError: Error, Sendable {
    /// At least one.
    public let diagnostics: [Diagnostic]

    /// Joins what was found.
    public init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }
}
