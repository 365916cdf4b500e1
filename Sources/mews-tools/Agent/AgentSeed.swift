internal import Linux
internal import Sandbox

/// Login and preferences for the whole sessions of Claude Code, which have a state of their own.
///
/// What could run something stays behind: hooks, servers, helpers that print keys, the environment; and what was said in
/// earlier sessions.
struct AgentSeed {
    private let setup: AgentSetup
    private static let preferences = [
        "theme", "model", "outputStyle", "editorMode", "language", "autoUpdatesChannel",
        "includeCoAuthoredBy",
    ]
    private static let states = [
        "theme", "hasCompletedOnboarding", "lastOnboardingVersion", "oauthAccount", "userID", "numStartups",
        "installMethod", "editorMode", "shiftEnterKeyBindingInstalled", "customApiKeyResponses",
    ]

    init(_ setup: AgentSetup) {
        self.setup = setup
    }

    /// Copies what is there, unless it was done before.
    func plant() throws {
        guard let target = setup.sessionState, let source = AgentSetup.state(setup.facts) else {
            throw OwnFile.Refusal(reason: "there is no home directory; set HOME")
        }
        guard source != target else { throw OwnFile.Refusal(reason: "\(target) can't be copied onto itself") }
        let user = setup.facts.user
        let settings = OwnFile(target.appending("settings.json"), user: user)
        if try settings.content() != nil {
            return Output.answer("nothing to do: \(target) has been prepared before\n")
        }
        var copied: [String] = []
        if let login = try OwnFile(source.appending(".credentials.json"), user: user).content() {
            try OwnFile(target.appending(".credentials.json"), user: user).replace(with: login)
            copied.append("the login")
        }
        let outside = setup.facts.value(of: "CLAUDE_CONFIG_DIR") == nil ? setup.facts.home : source
        if let state = try outside.flatMap({ try OwnFile($0.appending(".claude.json"), user: user).content() }
        ),
            let kept = Self.kept(state, Self.states)
        {
            try OwnFile(target.appending(".claude.json"), user: user).replace(with: kept)
            copied.append("the account")
        }
        let preferences = try OwnFile(source.appending("settings.json"), user: user).content()
        if preferences != nil { copied.append("preferences") }
        // Last, because it says that all was done. The first member keeps Claude Code from making files elsewhere.
        try settings.replace(
            with: Self.kept(
                preferences ?? [], Self.preferences, "\"disableDeepLinkRegistration\":\"disable\"")
                ?? Array("{\"disableDeepLinkRegistration\":\"disable\"}\n".utf8))
        let what =
            copied.isEmpty ? "there was nothing to copy; log in inside" : copied.joined(separator: ", ")
        Output.answer("\(target): \(what)\n")
    }

    /// Some members of an object, as they stand there; nil when it isn't one.
    private static func kept(_ bytes: [UInt8], _ names: [String], _ first: String? = nil) -> [UInt8]? {
        guard let members = (try? JSONTree(bytes))?.root.members else { return nil }
        var parts = first.map { [Array($0.utf8)] } ?? []
        for member in members where names.contains(member.name) {
            parts.append(Array(bytes[member.start..<member.value.range.upperBound]))
        }
        return Array("{".utf8) + parts.joined(separator: Array(",".utf8)) + Array("}\n".utf8)
    }
}
