internal import Linux

extension PolicyMerger {
    /// Applies the repository's file: denials and protections are added, everything else only narrows.
    mutating func narrow(by layer: ProfileLayer) {
        if let file = layer.source, !policy.files.contains(where: { $0.path == file.path }) {
            policy.files.append(file)
        }
        narrowGrants(RepositoryGrants(layer))
        narrowNames(layer)
        narrowNetwork(layer)
        for setting in layer.settings {
            switch setting.key {
            case .deny, .protect: applyPath(setting)
            case .workspace:
                narrowWorkspace(setting)
            case .hide:
                if setting.flag == true, !policy.fileSystem.hide.value {
                    policy.fileSystem.hide = Sourced(true, setting.origin)
                }
            case .auditLevel:
                if let level = setting.text.flatMap(AuditPolicy.Level.init(word:)),
                    level > policy.audit.level.value
                {
                    policy.audit.level = Sourced(level, setting.origin)
                }
            case .require:
                if let level = setting.level, level > policy.require.value {
                    policy.require = Sourced(level, setting.origin)
                }
            case .deniedSyscalls: Self.append(setting, to: &policy.process.deniedSyscalls)
            case .tests: Self.append(setting, to: &policy.tests)
            case .time, .processes, .openFiles, .fileSize: narrowLimit(setting)
            default: break
            }
        }
        refuseGrantsBelowDenials()
    }

    private mutating func narrowWorkspace(_ setting: Setting) {
        guard let access = setting.access, access < policy.fileSystem.workspace.value else { return }
        policy.fileSystem.workspace = Sourced(access, setting.origin)
        // Without a rule of its own the workspace would get what a grant of a directory above it allows,
        // which may be more than the rule that the file takes away.
        guard access == .none,
            let wider = policy.fileSystem.grants.first(where: {
                !$0.pattern.matches(context.workspace) && $0.pattern.covers(context.workspace)
            })
        else { return }
        diagnostics.append(
            Diagnostic(
                setting.origin,
                "the workspace can't be kept out: \(wider.pattern.written), which the profile grants, holds it",
                remedy: "deny the files that nobody may read"))
    }

    private mutating func narrowLimit(_ setting: Setting) {
        guard let number = setting.number else { return }
        if let present = policy.process.limits[setting.key], present.value <= number { return }
        policy.process.limits[setting.key] = Sourced(number, setting.origin)
    }

    /// Intersects the names of variables: of two patterns the one that names fewer, if it is in the other.
    private mutating func narrowNames(_ layer: ProfileLayer) {
        let settings = layer.settings.filter { $0.key == .pass }
        guard !settings.isEmpty else { return }
        var kept: [Sourced<String>] = []
        for granted in policy.process.pass {
            for setting in settings {
                guard let name = setting.text else { continue }
                if VariableName.covers(name, granted.value) {
                    kept.append(granted)
                } else if VariableName.covers(granted.value, name) {
                    kept.append(Sourced(name, setting.origin))
                }
            }
        }
        var seen: Set<String> = []
        policy.process.pass = kept.filter { seen.insert($0.value).inserted }
    }

    /// Intersects the grants as functions of a path: wherever both sides grant something, the narrower holds.
    private mutating func narrowGrants(_ repository: RepositoryGrants) {
        guard repository.hasOpinion else { return }
        let lines = repository.expanded { expand($0, base: context.workspace, $1) }
        var intersection = GrantIntersection(
            user: policy.fileSystem, workspace: context.workspace, repository: repository, lines: lines)
        intersection.build()
        policy.fileSystem.grants = intersection.grants
        policy.fileSystem.narrowing = repository.origin
        policy.fileSystem.skipped += intersection.dropped
        diagnostics += intersection.diagnostics
    }
}
