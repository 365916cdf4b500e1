internal import Linux
internal import Network

/// Applies layers one after another: lists unite, and of single values the later wins.
struct PolicyMerger {
    let context: ProfileContext
    var policy: Policy
    var diagnostics: [Diagnostic] = []
    /// Where in the policy each grant is.
    private(set) var granted = PathIndex(capacity: 128)
    private var denied = PathIndex()
    private var protected = PathIndex()
    private var variables: [String: Int] = [:]
    /// What the user's layers allow of the network.
    var allowed = NetworkUnion()
    /// What `network.deny` names.
    var refused: Set<NetworkDenial> = []
    /// Where in the policy each name of `network.hosts` is.
    var addressed: [DomainName: Int] = [:]
    /// What `network.loopback.connect` names.
    var looped: Set<UInt16> = []
    /// Where in the policy each socket is.
    var sockets = PathIndex()

    init(context: ProfileContext, name: String) {
        let origin = Origin(authority: .user, source: "default")
        self.context = context
        policy = Policy(
            name: name, require: Sourced(.full, origin),
            fileSystem: FileSystemPolicy(
                workspace: Sourced(.none, origin), grants: [], deny: [], protect: [], floor: [], reserved: [],
                hide: Sourced(false, origin), temporarySize: Sourced(1 << 30, origin)),
            process: ProcessPolicy(
                pass: [], set: [], limits: Limits(), allowedSyscalls: [], deniedSyscalls: [],
                debug: Sourced(false, origin)),
            audit: AuditPolicy(origin: origin), tests: [], files: [])
    }

    /// Applies a profile of the user.
    mutating func apply(_ layer: ProfileLayer) {
        if let file = layer.source, !policy.files.contains(where: { $0.path == file.path }) {
            policy.files.append(file)
        }
        for setting in layer.settings { apply(setting) }
    }

    /// Applies the command line.
    mutating func apply(_ options: OptionLayer, from directory: AbsolutePath) {
        for setting in options.settings { apply(setting) }
        policy.fileSystem.grants.reserveCapacity(policy.fileSystem.grants.count + options.paths.count)
        for path in options.paths { apply(path.key, path.expression, base: path.base, path.origin) }
    }

    private mutating func apply(_ setting: Setting) {
        switch setting.key {
        case .read, .write, .deny, .protect: applyPath(setting)
        case .workspace:
            if let access = setting.access { policy.fileSystem.workspace = Sourced(access, setting.origin) }
        case .hide: Self.set(&policy.fileSystem.hide, setting.flag, setting)
        case .temporarySize: Self.set(&policy.fileSystem.temporarySize, setting.number, setting)
        case .debug: Self.set(&policy.process.debug, setting.flag, setting)
        case .require: Self.set(&policy.require, setting.level, setting)
        case .pass: Self.append(setting, to: &policy.process.pass)
        case .set: applyVariable(setting)
        case .allowedSyscalls: Self.append(setting, to: &policy.process.allowedSyscalls)
        case .deniedSyscalls: Self.append(setting, to: &policy.process.deniedSyscalls)
        case .tests: Self.append(setting, to: &policy.tests)
        case .time, .processes, .openFiles, .fileSize:
            if let number = setting.number {
                policy.process.limits[setting.key] = Sourced(number, setting.origin)
            }
        case .networkAllow, .networkDeny, .networkHosts, .loopbackConnect, .unixSockets: applyNetwork(setting)
        // Read by the loader, for people, or refused by the decoder when they ask for anything.
        case .version, .name, .description, .extends, .loopbackPublish, .upstream, .memory, .cpu: break
        case .auditLevel, .auditReads, .auditDurability, .auditOnFailure, .auditRetain, .auditRedact:
            applyAudit(setting)
        }
    }

    private mutating func applyAudit(_ setting: Setting) {
        switch setting.key {
        case .auditLevel:
            Self.set(&policy.audit.level, setting.text.flatMap(AuditPolicy.Level.init(word:)), setting)
        case .auditReads:
            Self.set(&policy.audit.reads, setting.text.flatMap(AuditPolicy.Reads.init), setting)
        case .auditDurability:
            Self.set(&policy.audit.durability, setting.text.flatMap(AuditPolicy.Durability.init), setting)
        case .auditOnFailure:
            Self.set(&policy.audit.onFailure, setting.text.flatMap(AuditPolicy.FailureResponse.init), setting)
        case .auditRetain: Self.set(&policy.audit.retain, setting.number, setting)
        case .auditRedact: Self.append(setting, to: &policy.audit.redact)
        default: break
        }
    }

    private static func set<Value>(_ place: inout Sourced<Value>, _ value: Value?, _ setting: Setting) {
        if let value { place = Sourced(value, setting.origin) }
    }

    /// Adds an item to a list of names unless it is there.
    static func append(_ setting: Setting, to list: inout [Sourced<String>]) {
        guard case .text(let text) = setting.value, !list.contains(where: { $0.value == text }) else {
            return
        }
        list.append(Sourced(text, setting.origin))
    }

    private mutating func applyVariable(_ setting: Setting) {
        guard case .assignment(let name, let bytes) = setting.value else { return }
        let value = Sourced(context.expandingVariable(bytes), setting.origin)
        if let index = variables[name] {
            policy.process.set[index].value = value
        } else {
            variables[name] = policy.process.set.count
            policy.process.set.append((name, value))
        }
    }

    /// Applies a line of one of the four lists of paths.
    mutating func applyPath(_ setting: Setting) {
        guard let (expression, creates) = setting.path else { return }
        apply(setting.key, expression, creates: creates, base: context.workspace, setting.origin)
    }

    private mutating func apply(
        _ key: ProfileKey, _ expression: PathExpression, creates: Bool = false, base: AbsolutePath,
        _ origin: Origin
    ) {
        guard let pattern = expand(expression, base: base, origin) else { return }
        switch key {
        case .read: add(Grant(pattern: pattern, access: .read, createsDirectory: creates, origin: origin))
        case .write: add(Grant(pattern: pattern, access: .write, createsDirectory: creates, origin: origin))
        default:
            let restriction = Restriction(pattern: pattern, origin: origin)
            if key == .deny {
                if denied.insert(PatternKey(pattern).bytes) { policy.fileSystem.deny.append(restriction) }
            } else if protected.insert(PatternKey(pattern).bytes) {
                policy.fileSystem.protect.append(restriction)
            }
        }
    }

    /// The pattern of an expression; nil, and a note, when it names nothing in this launch.
    mutating func expand(
        _ expression: PathExpression, base: AbsolutePath, _ origin: Origin
    ) -> PathPattern? {
        switch expression.expanded(in: context, relativeTo: base) {
        case .pattern(let pattern): return pattern
        case .unset(let reason):
            let note = SkippedPath(written: expression.written, reason: reason, origin: origin)
            if !policy.fileSystem.skipped.contains(note) { policy.fileSystem.skipped.append(note) }
            return nil
        }
    }

    /// Adds a grant; write wins where read and write name the same path.
    private mutating func add(_ grant: Grant) {
        let key = PatternKey(grant.pattern).bytes
        guard let index = granted[key] else {
            granted[key] = policy.fileSystem.grants.count
            policy.fileSystem.grants.append(grant)
            return
        }
        let creates = grant.createsDirectory || policy.fileSystem.grants[index].createsDirectory
        if grant.access > policy.fileSystem.grants[index].access { policy.fileSystem.grants[index] = grant }
        policy.fileSystem.grants[index].createsDirectory = creates
    }
}
