internal import Linux

extension PolicyMerger {
    /// Sets up the floor and what is reserved, and checks the user's grants against them and against the
    /// user's own denials. Before the repository speaks, because it can't lift anything.
    mutating func finishUserGrants() {
        policy.fileSystem.floor = CredentialFloor.restrictions(in: context, except: granted)
        policy.fileSystem.reserved = CredentialFloor.reserved(in: context)
        checkReserved()
        checkWorkspace()
        refuseGrantsBelowDenials()
        finishNetwork()
    }

    /// The policy, if nothing is wrong with it.
    consuming func finished() throws(ProfileError) -> Policy {
        guard diagnostics.isEmpty else { throw ProfileError(diagnostics) }
        return policy
    }

    /// A grant below a denial is an error that names both lines: whoever wrote one of them believes
    /// something that doesn't hold. A denial of exactly a granted path takes it away.
    mutating func refuseGrantsBelowDenials() {
        if policy.fileSystem.deny.isEmpty { return }
        let denials = DenialIndex(policy.fileSystem.deny)
        var kept: [Grant] = []
        for grant in policy.fileSystem.grants {
            guard let denial = denials.nearest(to: grant.pattern) else {
                kept.append(grant)
                continue
            }
            if denial.isExact {
                policy.fileSystem.skipped.append(
                    SkippedPath(
                        written: grant.pattern.written, reason: "denied by \(denial.restriction.origin)",
                        origin: grant.origin))
            } else {
                report(grant.pattern.written, grant.origin, isBelow: denial.restriction)
            }
        }
        policy.fileSystem.grants = kept
        refuseSocketsBelowDenials(denials)
        let workspace = policy.fileSystem.workspace
        let place = PathPattern(prefix: context.workspace, written: "the workspace \(context.workspace)")
        if workspace.value != .none, let denial = denials.nearest(to: place) {
            report(place.written, workspace.origin, isBelow: denial.restriction)
        }
    }

    /// The same for sockets.
    private mutating func refuseSocketsBelowDenials(_ denials: DenialIndex) {
        var kept: [UnixSocketGrant] = []
        for socket in policy.network.unixSockets {
            let written = socket.pattern.written
            switch denials.nearest(to: socket.pattern) {
            case nil: kept.append(socket)
            case (let denial, true)?:
                let reason = "denied by \(denial.origin)"
                policy.fileSystem.skipped.append(
                    SkippedPath(written: written, reason: reason, origin: socket.origin))
            case (let denial, false)?: report(written, socket.origin, isBelow: denial)
            }
        }
        policy.network.unixSockets = kept
    }

    private mutating func report(_ what: String, _ origin: Origin, isBelow denial: Restriction) {
        diagnostics.append(
            Diagnostic(
                origin, "\(what) is granted below \(denial.pattern.written), which \(denial.origin) denies",
                remedy: "remove one of the two lines: what is denied can't be granted in part"))
    }

    private mutating func checkReserved() {
        for grant in policy.fileSystem.grants {
            for entry in policy.fileSystem.reserved where entry.pattern.prefix.contains(grant.pattern.prefix)
            {
                diagnostics.append(
                    Diagnostic(
                        grant.origin,
                        "\(grant.pattern.written) lies in \(entry.pattern.prefix), \(entry.reason ?? "")"
                            + " (\(entry.origin))",
                        remedy: "remove the line: this can't be granted at all"))
                break
            }
        }
    }

    private mutating func checkWorkspace() {
        let workspace = policy.fileSystem.workspace
        guard workspace.value != .none else { return }
        let place = context.workspace
        for entry in policy.fileSystem.reserved
        where entry.pattern.prefix.contains(place) || place.contains(entry.pattern.prefix) {
            diagnostics.append(
                Diagnostic(
                    workspace.origin,
                    "the workspace \(place) holds or lies in \(entry.pattern.prefix), \(entry.reason ?? "")"
                        + " (\(entry.origin))",
                    remedy: "work in another directory"))
            return
        }
        for entry in policy.fileSystem.floor where entry.pattern.matches(place) {
            diagnostics.append(
                Diagnostic(
                    workspace.origin,
                    "the workspace \(place) holds \(entry.reason ?? "") (\(entry.origin))",
                    remedy:
                        "work in another directory, or grant \(entry.pattern.written) by a line of its own"))
            return
        }
    }
}
