internal import Audit
internal import Linux
internal import Sandbox

/// Where everything of an agent's set-up lies, and what belongs there.
struct AgentSetup {
    /// Whose it is.
    let facts: HostFacts
    /// Whether it is the machine's and not the user's.
    let isManaged: Bool
    /// Which Mews it is.
    let installation: Installation

    /// The file of the agent's settings.
    let settings: OwnFile
    /// What `mews-shell` reads.
    let record: OwnFile
    /// What the settings were before.
    let backup: OwnFile
    /// The digests of the settings before and after, by which both are known again.
    let receipt: OwnFile

    private static let managedSettings = "/etc/claude-code/managed-settings.d/50-mews.json"

    /// Finds the places.
    ///
    /// - Throws: `undecided` after saying why.
    init(managed: Bool) throws(Outcome) {
        let facts = try LogChoice.facts()
        do throws(SandboxError) {
            installation = try Installation()
        } catch {
            Output.complain(error.description)
            throw .undecided
        }
        self.facts = facts
        isManaged = managed
        let place: AbsolutePath?
        let file: AbsolutePath?
        if managed {
            place = AgentRecord.managedPlace
            file = AbsolutePath(Self.managedSettings)
        } else {
            place = AgentRecord.home(of: facts.user, facts.home).map(AgentRecord.place)
            file = Self.state(facts)?.appending("settings.json")
        }
        guard let place, let file else {
            Output.complain("there is no home directory; set HOME")
            throw .undecided
        }
        func beside(_ end: String) -> OwnFile {
            OwnFile(place.parent?.appending(AgentRecord.agent + end) ?? place, user: facts.user)
        }
        settings = OwnFile(file, user: facts.user)
        record = OwnFile(place, user: facts.user)
        backup = beside(".settings-before")
        receipt = beside(".receipt")
    }

    /// The directory of Claude Code's own state.
    static func state(_ facts: HostFacts) -> AbsolutePath? {
        facts.value(of: "CLAUDE_CONFIG_DIR").flatMap { AbsolutePath($0) } ?? facts.home?.appending(".claude")
    }

    /// The directory of a whole session's state.
    var sessionState: AbsolutePath? {
        let data =
            facts.value(of: "XDG_DATA_HOME").flatMap { AbsolutePath($0) }
            ?? facts.home?.appending(".local").appending("share")
        return data?.appending("mews").appending("agents").appending(AgentRecord.agent)
    }

    /// The program that Claude Code puts before its commands.
    var prefix: AbsolutePath { installation.shell }

    /// The lines of the hooks, with Claude Code's events.
    var hooks: [AgentSettings.Hook] {
        let events: [(event: String, matcher: String, name: AgentHook)] = [
            ("SessionStart", "", .sessionStart), ("PreToolUse", "Bash", .preToolUse),
            ("PostToolUse", "Bash", .postToolUse), ("PostToolUseFailure", "Bash", .postToolUse),
            ("ConfigChange", "", .configChange),
        ]
        return events.map { event, matcher, hook in
            AgentSettings.Hook(event: event, matcher: matcher, line: line(of: hook))
        }
    }

    private func line(of hook: AgentHook) -> String {
        "\(installation.program) agent hook \(AgentRecord.agent) \(hook.rawValue)"
    }

    /// What `mews-shell` is to know.
    func record(profile: String, skeletonDevice: AbsolutePath?) -> AgentRecord {
        var record = AgentRecord(profile: profile)
        record.skeletonDevice = skeletonDevice
        record.hooks = AgentHook.allCases.map {
            AgentRecord.Hook(name: $0.rawValue, line: Array(line(of: $0).utf8))
        }
        guard !isManaged else { return record }
        record.home = facts.home
        record.state = Self.state(facts)
        record.variables = AgentRecord.placeVariables.compactMap { name in
            facts.value(of: name).map { Array("\(name)=".utf8) + $0 }
        }
        return record
    }

    /// A word of a shell and of JSON needs no quotes.
    var hasPlainPrefix: Bool {
        prefix.bytes.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || Array("/._+@-".utf8).contains(byte)
        }
    }

    /// What the receipt says: the digest of the settings as they were written, whether there were any before, and which
    /// directories were made for all of it, the deepest first.
    func readReceipt() throws(OwnFile.Refusal) -> (digest: String, existed: Bool, made: [AbsolutePath])? {
        guard let bytes = try receipt.content() else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        guard words.count >= 2 else { return nil }
        return (words[0], words[1] == "existed", words.dropFirst(2).compactMap { AbsolutePath($0) })
    }

    /// Writes a receipt for settings.
    func writeReceipt(for bytes: [UInt8], existed: Bool, made: [AbsolutePath]) throws(OwnFile.Refusal) {
        let digest = Hexadecimal.text(SHA256.digest(of: bytes))
        let lines = [digest, existed ? "existed" : "new"] + made.map(\.description)
        try receipt.replace(with: Array(lines.joined(separator: "\n").utf8) + [UInt8(ascii: "\n")])
    }

    /// The directories that are made for the files, the deepest first; with those of an earlier time.
    func missingDirectories() throws(OwnFile.Refusal) -> [AbsolutePath] {
        let missing = [settings, record].compactMap(\.path.parent).flatMap {
            Files.missingDirectories(to: $0)
        }
        return missing + (try readReceipt()?.made ?? [])
    }

    /// What the settings were before they were changed here; nil when there were none.
    ///
    /// Byte for byte where nobody has changed them since; else without what was put in.
    func original(of current: [UInt8]?) throws -> [UInt8]? {
        guard let current else { return nil }
        if let receipt = try readReceipt(), receipt.digest == Hexadecimal.text(SHA256.digest(of: current)) {
            return receipt.existed ? try backup.content() : nil
        }
        var settings = AgentSettings(current, prefix: "\(prefix)", hooks: hooks)
        guard settings.hasPrefix || settings.missingHooks.count < hooks.count else { return current }
        try settings.remove()
        return settings.bytes
    }
}
