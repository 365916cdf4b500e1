internal import Linux
internal import Profile
internal import Sandbox

extension Examination {
    /// What the installation and the host's owner have to say.
    var hostProbes: [Probe] {
        [
            Probe("managed policy", nil) { () throws(SandboxError) in
                try Preparation.refuseManagedPolicy()
                return "none"
            },
            Probe("profiles", nil) { () throws(SandboxError) in
                let context = Preparation.context(facts, facts.currentDirectory, installation)
                let found = ProfileNames.all(context: context, list: ProfileFiles.names(in:))
                let builtIn = found.filter { $0.kind == .builtIn }
                guard builtIn.contains(where: { $0.name == "workspace" }) else {
                    throw SandboxError(
                        .failed, "there is no profile `workspace` in \(installation.profiles)",
                        hint: "install Mews again")
                }
                return "\(builtIn.count) built-in, \(found.count - builtIn.count) of the user's own"
            },
        ]
    }
}
