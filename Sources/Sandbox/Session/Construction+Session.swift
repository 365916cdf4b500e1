internal import Profile

extension Construction {
    /// What the session sees of what was found, as it is held.
    public func view(_ view: View) -> View {
        hasNamespaces ? view : view.confined(self)
    }

    /// What the filter has to hold besides.
    ///
    /// - Parameters:
    ///   - inputs: the policy and the kernel.
    ///   - nesting: the sandbox around this one, if there is one.
    /// - Returns: what nothing else holds.
    public func surroundings(
        _ inputs: SandboxPlan.Inputs, within nesting: Nesting?
    ) -> SyscallSurroundings {
        switch self {
        case .namespaces: return .namespaces
        case .landlock: return .landlock(version: inputs.kernel.landlockVersion)
        case .nested:
            let network = inputs.policy.network
            let isNamed = !network.allow.isEmpty || !network.loopback.isEmpty
            return .nested(
                internet: isNamed || nesting?.hasNetwork != true,
                sockets: nesting?.showsSockets(beyond: network) != true)
        }
    }
}
