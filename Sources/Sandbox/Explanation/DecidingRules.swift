internal import Linux
internal import Profile

/// Finds the line behind a mount.
struct DecidingRules {
    private let workspace: Sourced<Access>
    private let sockets: Set<Origin>
    /// What the floor and the reserved places hold, by what they are written as; a few dozen look-ups in
    /// total, so the first mask pays for reading them.
    private let floor: [Restriction]
    private let reserved: [Restriction]

    init(_ policy: Policy) {
        workspace = policy.fileSystem.workspace
        sockets = Set(policy.network.unixSockets.map(\.origin))
        floor = policy.fileSystem.floor
        reserved = policy.fileSystem.reserved
    }

    /// The mount with its rule.
    func mount(_ mount: ViewMount) -> ExplanationContext.Mount {
        ExplanationContext.Mount(
            path: mount.destination, access: mount.access, place: Self.place(of: mount), rule: rule(of: mount)
        )
    }

    private static func place(of mount: ViewMount) -> ExplanationContext.Mount.Place {
        switch (mount.reason, mount.source) {
        case (.mask, _): .mask
        case (.pin, _): .pin
        case (_, .devices): .devices
        case (_, .processes): .processes
        case (.own, _): .own
        case (.protect, _): .protected
        case (.grant, _): .host
        }
    }

    private func rule(of mount: ViewMount) -> DecidingRule {
        let origin = mount.origin
        if origin.source == ViewBuilder.gitSource { return DecidingRule(.git, "", origin) }
        if ViewBuilder.ownSources.contains(origin.source) { return DecidingRule(.mews, "", origin) }
        switch mount.reason {
        case .mask:
            return kept(mount)
        case .pin:
            return origin.authority == .managed ? kept(mount) : DecidingRule(.protect, mount.written, origin)
        case .protect:
            return DecidingRule(.protect, mount.written, origin)
        case .own:
            return DecidingRule(.mews, "", origin)
        case .grant:
            if origin == workspace.origin, mount.written.hasPrefix(ViewBuilder.workspaceName) {
                return DecidingRule(.workspace, "\(workspace.value)", origin)
            }
            if sockets.contains(origin) { return DecidingRule(.unix, mount.written, origin) }
            return DecidingRule(mount.access == .write ? .write : .read, mount.written, origin)
        }
    }

    /// The line or the part of the floor that keeps something out.
    private func kept(_ mount: ViewMount) -> DecidingRule {
        guard mount.origin.authority == .managed else {
            return DecidingRule(.deny, mount.written, mount.origin)
        }
        if let place = reserved.first(where: { $0.pattern.written == mount.written }) {
            return DecidingRule(.reserved, mount.written, mount.origin, holds: place.reason)
        }
        let entry = floor.first { $0.pattern.written == mount.written }
        return DecidingRule(.floor, mount.written, mount.origin, holds: entry?.reason)
    }
}
