public import Linux
public import Profile

/// Why a sandbox could not be built or a command not be started in it: nothing has run.
public struct SandboxError: Error, Sendable {
    /// What kind of trouble it is.
    public enum Code: Sendable {
        /// The kernel or the host doesn't provide a layer that the level needs.
        case missingLayer
        /// What was asked for would let something in or out that must not be.
        case refused
        /// The host answered a call with an error.
        case failed
    }

    /// What kind of trouble it is.
    public let code: Code
    /// What could not be done, as a clause: `cannot bind /opt/x`.
    public let problem: String
    /// The kernel's answer, where there was one.
    public let errno: Errno?
    /// The line that asked for it, where there was one.
    public let origin: Origin?
    /// What to do about it; where it is empty, what is usually done about the error number.
    public let hint: String
    /// The layer that is missing, where one is.
    public var layer: Layer?

    /// What a sandbox is made of.
    public enum Layer: Sendable {
        case namespaces
        case landlock
        case seccomp
    }

    /// Joins the parts.
    public init(
        _ code: Code, _ problem: String, errno: Errno? = nil, origin: Origin? = nil, hint: String = ""
    ) {
        self.code = code
        self.problem = problem
        self.errno = errno
        self.origin = origin
        self.hint = hint
    }
}

extension SandboxError {
    /// The same, with the level that could be had instead.
    func offering(_ level: Level) -> SandboxError {
        var error = SandboxError(
            code, problem, errno: errno, origin: origin,
            hint: (hint.isEmpty ? "" : "\(hint); ") + "or accept less: --require \(level) would do here")
        error.layer = layer
        return error
    }
}

extension SandboxError: CustomStringConvertible {
    /// `FILE:LINE:COL: cannot do it: No such file or directory; what to do`
    public var description: String {
        var text = origin.map { "\($0): " } ?? ""
        text += problem
        if let errno { text += ": \(errno)" }
        let remedy = hint.isEmpty ? errno.map(Remedy.general) ?? "" : hint
        if !remedy.isEmpty { text += "; \(remedy)" }
        return text
    }
}
