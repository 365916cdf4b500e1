public import Linux

/// What `mews agent install` settled for an agent whose commands run by `mews-shell`.
///
/// It lies where no profile can grant anything. Nothing of it comes from the environment or the workspace at the time
/// of a command: a project's settings can set both for the agent.
///
/// The file is lines of `KEY VALUE`; a value is bytes without a line feed.
public struct AgentRecord: Sendable, Equatable {
    /// The line of a hook in the agent's settings, which Mews runs itself.
    public struct Hook: Sendable, Equatable {
        /// What `mews agent hook` calls it.
        public var name: String
        /// The line, byte for byte.
        public var line: [UInt8]

        /// Joins the two.
        public init(name: String, line: [UInt8]) {
            self.name = name
            self.line = line
        }
    }

    /// The name or the path of the profile that commands run under.
    public var profile: String
    /// The user's home; nil in the record of a whole machine.
    public var home: AbsolutePath?
    /// The values of the variables by which places are found, `NAME=VALUE` each; others of them aren't set.
    public var variables: [[UInt8]] = []
    /// The agent's own directory of state; nil for its usual place.
    public var state: AbsolutePath?
    /// The lines of its hooks.
    public var hooks: [Hook] = []
    /// The FUSE device of tests whose host keeps its own from users.
    public var skeletonDevice: AbsolutePath?

    /// The only agent so far.
    public static let agent = "claude-code"
    /// The variables by which Mews and the profiles find places.
    public static let placeVariables = [
        "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME",
    ]
    private static let header = "mews.agent.v1 claude-code"
    private static let mostBytes = 64 << 10

    /// Joins what has to be known.
    public init(profile: String) {
        self.profile = profile
    }

    /// Reads the file's bytes; nil when they aren't such a record as a whole.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.mostBytes, bytes.last == UInt8(ascii: "\n") else { return nil }
        let lines = bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let first = lines.first, first.elementsEqual(Self.header.utf8) else { return nil }
        self.init(profile: "")
        for line in lines.dropFirst() {
            guard let cut = line.firstIndex(of: UInt8(ascii: " ")), cut + 1 < line.endIndex else {
                return nil
            }
            guard take(String(decoding: line[..<cut], as: UTF8.self), line[(cut + 1)...]) else { return nil }
        }
        guard !profile.isEmpty else { return nil }
    }

    private mutating func take(_ key: String, _ value: ArraySlice<UInt8>) -> Bool {
        switch key {
        case "profile":
            guard profile.isEmpty, let text = String(validating: value, as: UTF8.self) else { return false }
            profile = text
        case "home":
            guard home == nil, let path = AbsolutePath(value) else { return false }
            home = path
        case "state":
            guard state == nil, let path = AbsolutePath(value) else { return false }
            state = path
        case "fuse-device":
            guard skeletonDevice == nil, let path = AbsolutePath(value) else { return false }
            skeletonDevice = path
        case "variable":
            let isKnown = Self.placeVariables.contains { value.starts(with: Array("\($0)=".utf8)) }
            guard isKnown, variables.count < Self.placeVariables.count else { return false }
            variables.append(Array(value))
        case "hook":
            guard let cut = value.firstIndex(of: UInt8(ascii: " ")), hooks.count < 64 else { return false }
            let name = String(decoding: value[..<cut], as: UTF8.self)
            hooks.append(Hook(name: name, line: Array(value[(cut + 1)...])))
        default: return false
        }
        return true
    }

    /// The file; nil when a value has a line feed and can't stand in it.
    public var bytes: [UInt8]? {
        var lines: [[UInt8]] = [Array(Self.header.utf8), Array("profile \(profile)".utf8)]
        if let home { lines.append(Array("home ".utf8) + home.bytes) }
        if let state { lines.append(Array("state ".utf8) + state.bytes) }
        if let skeletonDevice { lines.append(Array("fuse-device ".utf8) + skeletonDevice.bytes) }
        lines += variables.map { Array("variable ".utf8) + $0 }
        lines += hooks.map { Array("hook \($0.name) ".utf8) + $0.line }
        guard !lines.contains(where: { $0.contains(UInt8(ascii: "\n")) }) else { return nil }
        return lines.flatMap { $0 + [UInt8(ascii: "\n")] }
    }
}

extension AgentRecord {
    /// Where the record of the whole machine lies, which administrators alone write.
    public static let managedPlace = AbsolutePath.root.appending("etc").appending("mews").appending("agents")
        .appending(agent)

    /// The home of a user as the host's accounts have it; the environment's only where they don't know the user.
    public static func home(of user: UInt32, _ environment: AbsolutePath?) -> AbsolutePath? {
        Account.find(user)?.home ?? environment
    }

    /// Where a user's record lies: always below the home of the account, whatever the environment says.
    public static func place(in home: AbsolutePath) -> AbsolutePath {
        directory(in: home).appending("agents").appending(agent)
    }

    /// The directory of Mews's own that holds it, which can't be granted.
    public static func directory(in home: AbsolutePath) -> AbsolutePath {
        home.appending(".config").appending("mews")
    }

    /// The record that holds for a user: the machine's, else the user's own.
    ///
    /// - Returns: nil when there is none.
    /// - Throws: `refused` when there is one that somebody else could have written, or that can't be read.
    public static func find(user: UInt32, home: AbsolutePath?) throws(SandboxError) -> AgentRecord? {
        if let record = try read(managedPlace, owners: [0]) { return record }
        guard let home = Self.home(of: user, home) else { return nil }
        return try read(place(in: home), owners: [user, 0])
    }

    /// Reads the record of a place; nil when there is none.
    public static func read(_ path: AbsolutePath, owners: [UInt32]) throws(SandboxError) -> AgentRecord? {
        let status: FileStatus
        let bytes: [UInt8]?
        do throws(Errno) {
            let file = try Files.open(
                CString(path), [.read, .noFollow, .nonBlocking, .noControllingTerminal, .closeOnExec])
            status = try Files.status(of: file.number)
            bytes = status.kind == .regular ? try Files.readAll(file.number, limit: mostBytes) : nil
        } catch .noEntry, .notDirectory {
            return nil
        } catch {
            throw SandboxError(.refused, "cannot read \(path)", errno: error)
        }
        let writableByOthers: UInt32 = 0o022
        guard owners.contains(status.uid), status.mode & writableByOthers == 0 else {
            throw SandboxError(
                .refused, "\(path) could have been written by somebody else",
                hint: "look at it, then run mews agent install \(agent) again")
        }
        guard let bytes, let record = AgentRecord(bytes) else {
            throw SandboxError(
                .refused, "\(path) isn't a record of this version",
                hint: "run mews agent install \(agent) again")
        }
        return record
    }
}
