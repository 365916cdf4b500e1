extension Advice {
    /// One instruction for the engine that is known, else one for each.
    var container: [Instruction] {
        var found = surroundings.hasAppArmorRestriction ? [hostProfile] : []
        switch surroundings.engine {
        case .docker: found.append(docker)
        case .podman: found.append(podman)
        case .kubernetes: found.append(kubernetes)
        case nil: found += [docker, podman, kubernetes]
        }
        return found
    }

    /// What lets denied reads be seen, where nothing else is missing for it.
    var device: [Instruction] {
        switch surroundings.engine {
        case .docker: [Instruction(title: "To see denied reads", lines: ["docker run --device /dev/fuse …"])]
        case .podman: [Instruction(title: "To see denied reads", lines: ["podman run --device /dev/fuse …"])]
        // Kubernetes has no field for it, and without a container the check's own remedy is the whole of it.
        default: []
        }
    }

    /// Whether the engine's filter is in the way. Without a filter there is nothing to open.
    private var needsCalls: Bool { surroundings.hasFilter }

    /// Whether what covers /proc is.
    private var needsProcesses: Bool { surroundings.hasCoveredProcesses }

    /// Whether root can't be mapped.
    private var needsMapping: Bool { surroundings.lacksFileCapabilities }

    private var docker: Instruction {
        var flags: [String] = []
        if needsCalls { flags.append("--security-opt seccomp=unconfined") }
        if needsProcesses { flags.append("--security-opt systempaths=unconfined") }
        if let appArmor = appArmorFlag { flags.append(appArmor) }
        if needsMapping { flags.append("--cap-add SETFCAP") }
        return Instruction(title: title("Docker"), lines: ["docker run \(flags.joined(separator: " ")) …"])
    }

    private var podman: Instruction {
        var flags: [String] = []
        if needsCalls { flags.append("--security-opt seccomp=unconfined") }
        if needsProcesses { flags.append("--security-opt unmask=ALL") }
        if let appArmor = appArmorFlag { flags.append(appArmor) }
        if surroundings.isConfinedBySELinux { flags.append("--security-opt label=disable") }
        if needsMapping { flags.append("--cap-add SETFCAP") }
        return Instruction(title: title("Podman"), lines: ["podman run \(flags.joined(separator: " ")) …"])
    }

    private var kubernetes: Instruction {
        var lines = ["spec:"]
        // The API takes procMount: Unmasked in a user namespace of the pod's own only.
        if needsProcesses { lines.append("  hostUsers: false") }
        lines += ["  containers:", "  - name: …", "    securityContext:"]
        if needsProcesses { lines.append("      procMount: Unmasked") }
        if needsCalls { lines.append("      seccompProfile: {type: Unconfined}") }
        if surroundings.hasAppArmorRestriction {
            lines.append(
                "      appArmorProfile: {type: Localhost, localhostProfile: \(Self.hostProfileName)}")
        } else if surroundings.isConfinedByAppArmor {
            lines.append("      appArmorProfile: {type: Unconfined}")
        }
        if needsMapping { lines.append("      capabilities: {add: [SETFCAP]}") }
        return Instruction(title: title("Kubernetes"), lines: lines)
    }

    private func title(_ engine: String) -> String {
        let mapping = needsMapping ? "; or without SETFCAP, as another user than root" : ""
        return "In \(engine), nothing more than this, and less than --privileged\(mapping)"
    }

    private var appArmorFlag: String? {
        if surroundings.hasAppArmorRestriction { return "--security-opt apparmor=\(Self.hostProfileName)" }
        return surroundings.isConfinedByAppArmor ? "--security-opt apparmor=unconfined" : nil
    }

    static var hostProfileName: String { "mews-container" }

    /// On a host that restricts user namespaces even an unconfined container needs a profile for them.
    private var hostProfile: Instruction {
        Instruction(
            title:
                "On the container's host, as root, an AppArmor profile that lets containers make user namespaces",
            lines: Self.profile(Self.hostProfileName, of: ""))
    }
}
