internal import Linux
internal import Profile

/// One use of one path, on the way to its explanation.
struct Question {
    let use: FileUse
    let path: AbsolutePath
    let context: ExplanationContext

    func answer() -> Explanation {
        guard let mount = context.mount(of: path) else { return inRoot() }
        switch mount.place {
        case .mask: return masked(mount)
        case .hidden: return notNamed()
        case .devices: return inDevices(mount)
        case .processes: return inProcesses(mount)
        case .host, .protected, .pin, .own:
            guard use.access <= mount.access else { return readOnly(mount) }
            if use.changesName, mount.path == path { return heldInPlace(mount) }
            return allowed(mount)
        }
    }

    /// Whether both names belong to one mount, and neither is its root.
    func isOneMount(with second: AbsolutePath) -> Bool {
        context.mount(of: path)?.path == context.mount(of: second)?.path
    }

    private func allowed(_ mount: ExplanationContext.Mount) -> Explanation {
        let mount = context.grant(behind: mount)
        return switch mount.rule.kind {
        case .workspace:
            Explanation(.allowed, mount.rule, "\(path) lies in the workspace.")
        case .mews where mount.place == .host:
            Explanation(.allowed, mount.rule, "\(path) belongs to Mews's programs.")
        case .mews:
            Explanation(
                .allowed, mount.rule,
                mount.path == path
                    ? "\(path) is the sandbox's own, not the host's."
                    : "\(path) lies in the sandbox's own \(mount.path), not in the host's.")
        case .git:
            Explanation(.allowed, mount.rule, "\(path) belongs to the workspace's repository.")
        case .unix:
            Explanation(.allowed, mount.rule, "\(path) is a socket that can be connected to.")
        case .read, .write, .deny, .protect, .floor, .reserved:
            Explanation(.allowed, mount.rule, "\(path) is granted.")
        }
    }

    private func masked(_ mount: ExplanationContext.Mount) -> Explanation {
        keptOut(mount.rule, fix: mount.path == path ? fix : nil)
    }

    /// The answer for what a rule keeps out.
    private func keptOut(_ rule: DecidingRule, fix: String?) -> Explanation {
        let holds = rule.holds.map { " (\($0))" } ?? ""
        switch rule.kind {
        case .floor:
            return Explanation(
                .denied, rule,
                "\(path) is kept out by the built-in floor\(holds), which only a line that names exactly such "
                    + "a path opens.",
                fix: context.narrowing == nil && !use.changesName ? fix : nil)
        case .reserved:
            return Explanation(
                .denied, rule,
                "\(path) is\(rule.holds.map { " " + $0 } ?? " reserved"), and can't be granted.")
        default:
            return Explanation(
                .denied, rule,
                "\(path) is denied, and a deny wins over every grant: \(Self.removal(of: rule)).")
        }
    }

    private func protected(by rule: DecidingRule) -> Explanation {
        Explanation(.denied, rule, "\(path) is protected and can't be changed: \(Self.removal(of: rule)).")
    }

    private func readOnly(_ mount: ExplanationContext.Mount) -> Explanation {
        // A line that protects what is granted for reading only makes no mount, and would win over a grant.
        if mount.rule.kind != .git, mount.rule.kind != .mews, let protection {
            return protected(by: protection)
        }
        switch mount.rule.kind {
        case .git:
            return Explanation(
                .denied, mount.rule,
                "\(path) can only be read, because git outside runs or follows what stands there.")
        case .mews:
            return Explanation(.denied, mount.rule, "\(path) is Mews's own and can only be read.")
        case .protect:
            return protected(by: mount.rule)
        case .workspace:
            return Explanation(
                .denied, mount.rule, "\(path) lies in the workspace, which can only be read.", fix: fix)
        case .unix:
            return Explanation(
                .denied, mount.rule, "\(path) can be connected to, and not changed or replaced.")
        default:
            return Explanation(.denied, mount.rule, "\(path) is granted for reading only.", fix: fix)
        }
    }

    /// A mount point can be used and not renamed, removed or made.
    private func heldInPlace(_ mount: ExplanationContext.Mount) -> Explanation {
        let reason =
            mount.place == .pin
            ? "\(path) is held where it is, because something in it is protected or kept out."
            : "\(path) is a mount of the sandbox, so its content can be changed and its name can't."
        return Explanation(.denied, mount.rule, reason)
    }

    private func inRoot() -> Explanation {
        if let (rule, isThroughLink) = context.restrictions.nearest(to: path) {
            return keptOut(rule, fix: isThroughLink ? nil : fix)
        }
        if context.leadsToMounts(path) {
            let reason = "\(path) is the sandbox's own directory, which only leads to what is granted"
            guard use.access == .read else { return Explanation(.denied, nil, reason + ".") }
            return Explanation(.allowed, nil, reason + ": the host's isn't in the view.")
        }
        return notNamed()
    }

    private func notNamed() -> Explanation {
        let narrowing = context.narrowing.map { " (\($0) limits what can be granted)" } ?? ""
        if use.access == .write, let protection { return protected(by: protection) }
        return Explanation(.denied, nil, "\(path) isn't in the view: no line names it\(narrowing).", fix: fix)
    }

    private func inDevices(_ mount: ExplanationContext.Mount) -> Explanation {
        let name = mount.path.relative(of: path)?.split(separator: UInt8(ascii: "/")).first
        let isThere = name.map { name in KernelProbe.deviceNames.contains { $0.utf8.elementsEqual(name) } }
        guard isThere != false else {
            return Explanation(
                .denied, mount.rule, "\(path) isn't among the devices of the sandbox's own /dev.",
                fix: use == .read || use == .write ? fix : nil)
        }
        guard use == .read || use == .write else {
            return Explanation(.denied, mount.rule, "The devices of the sandbox's own /dev can only be used.")
        }
        return Explanation(.allowed, mount.rule, "\(path) is one of the devices of the sandbox's own /dev.")
    }

    private func inProcesses(_ mount: ExplanationContext.Mount) -> Explanation {
        guard use == .read || use == .write || use == .execute else {
            return Explanation(.denied, mount.rule, "Nothing can be made or taken away in /proc.")
        }
        return Explanation(
            .allowed, mount.rule, "\(path) lies in the sandbox's own /proc, which has only its processes.")
    }

    private static func removal(of rule: DecidingRule) -> String {
        rule.origin.line == 0 ? "leave out \(rule.origin)" : "to allow it, remove that line"
    }
}
