internal import Linux
internal import Profile
internal import Sandbox

/// The profiles of this user and installation.
struct ProfileHost {
    /// One that can be named.
    struct Named {
        let name: String
        let kind: ProfileKind
        let file: AbsolutePath
    }

    let facts: HostFacts
    /// What `${workspace}` stands for; a check needs none that may be worked in.
    let workspace: AbsolutePath
    let installation: Installation

    /// Finds them out.
    ///
    /// - Throws: `undecided` after saying why.
    init() throws(Outcome) {
        do throws(SandboxError) {
            installation = try Installation()
            facts = try HostReader.facts()
        } catch {
            Output.complain(error.description)
            throw .undecided
        }
        workspace = (try? WorkspaceFinder.find(nil, facts)) ?? facts.currentDirectory
    }

    /// Every profile that can be named, the user's own first.
    var profiles: [Named] {
        let context = Preparation.context(facts, workspace, installation)
        return ProfileNames.all(context: context, list: ProfileFiles.names(in:)).map {
            Named(name: $0.name, kind: $0.kind, file: $0.file)
        }
    }

    /// The profile's own sentence, or why there is none.
    func description(of profile: Named) -> String {
        do throws(Diagnostic) {
            let bytes = try ProfileFiles.read(profile.file, profile.kind, user: facts.user)
            return bytes.flatMap(PolicyBuilder.description(of:)) ?? "(no description)"
        } catch {
            return "(\(error.problem); \(error.remedy))"
        }
    }

    /// The reader and merger of profiles on this host.
    var builder: PolicyBuilder { Preparation.builder(facts, workspace, installation) }
}
