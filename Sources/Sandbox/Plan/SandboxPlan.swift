public import Linux
public import Profile

/// Everything that building one sandbox takes: data that can be printed, tested and handed to a child.
public struct SandboxPlan: Sendable {
    /// The steps, in order.
    public let operations: [Operation]
    /// For each step the line of the policy behind it, where there is one.
    public let origins: [Origin?]
    /// What the steps add up to in the file system.
    public let view: View
    /// How it holds.
    public let construction: Construction
}

extension SandboxPlan {
    /// What the plan is made from.
    public struct Inputs: Sendable {
        /// The merged policy.
        public var policy: Policy
        /// What was found on the host for it.
        public var view: View
        /// Who runs it.
        public var facts: HostFacts
        /// Where the command starts, a path without links that lies in the view.
        public var workingDirectory: AbsolutePath
        /// The command's own terminal, if it gets one.
        public var terminal: CommandTerminal?
        /// What the kernel can do.
        public var kernel: KernelFacts
        /// The filter of system calls.
        public var filter: [UInt64]
        /// How denied reads are seen.
        public var reads: ReadAudit
        /// What stands in /run/mews; nil leaves the directory empty.
        public var published: PublishedContent?
        /// How the session is held.
        public var construction: Construction

        /// Joins the parts.
        public init(
            policy: Policy, view: View, facts: HostFacts, workingDirectory: AbsolutePath,
            terminal: CommandTerminal?,
            kernel: KernelFacts, filter: [UInt64], reads: ReadAudit = .off,
            published: PublishedContent? = nil, construction: Construction = .namespaces(landlock: true)
        ) {
            self.policy = policy
            self.view = view
            self.facts = facts
            self.workingDirectory = workingDirectory
            self.terminal = terminal
            self.kernel = kernel
            self.filter = filter
            self.reads = reads
            self.published = published
            self.construction = construction
        }

        /// What the policy limits from the beginning, with the lines behind it; descriptors only at the end, because the
        /// construction takes more than a command may be allowed.
        var resources: [(Resource, UInt64, Origin?)] {
            let limits = policy.process.limits
            let settings: [(Resource, Sourced<UInt64>?)] = [
                (.processes, limits.processes), (.fileSize, limits.fileSize),
            ]
            // A core dump would be a copy of the memory in the workspace, or fed to a program of the host.
            return [(.core, 0, nil)]
                + settings.compactMap { resource, limit in limit.map { (resource, $0.value, $0.origin) } }
        }
    }
}

/// What differs between kernels.
public struct KernelFacts: Sendable {
    /// The version of Landlock's interface; 0 where the kernel has none.
    public var landlockVersion: Int32
    /// Why it has none.
    public var landlockError: Errno?
    /// Whether `kernel.pid_max` belongs to the PID namespace. Before Linux 6.14 there is one for the whole
    /// host, and a mapped root could change it.
    public var hasOwnProcessLimit: Bool
    /// The devices that the host has under their names and numbers.
    public var devices: [Device]

    /// Joins the parts.
    public init(
        landlockVersion: Int32, landlockError: Errno? = nil, hasOwnProcessLimit: Bool, devices: [Device]
    ) {
        self.landlockVersion = landlockVersion
        self.landlockError = landlockError
        self.hasOwnProcessLimit = hasOwnProcessLimit
        self.devices = devices
    }
}
