internal import Linux
public import Profile

/// The sandbox of Mews's around this process.
///
/// What runs in it can only be narrowed further: by Landlock and a filter of system calls, which need no privilege and no
/// namespace. What these two can't narrow, the sandbox around may hold already.
public struct Nesting: Sendable {
    /// The level that it holds.
    public let level: Level
    /// The name of its session, in whose log everything stands that is recorded; nil when it can't be told.
    public let session: String?
    /// What it mounted and whom it reaches; nil at the level `landlock`, where nothing is mounted.
    let context: ExplanationContext?

    init(level: Level, session: String?, context: ExplanationContext?) {
        self.level = level
        self.session = session
        self.context = context
    }

    /// Looks at what is around this process.
    ///
    /// - Parameter environment: tells the name of a session that publishes nothing; only people are told it.
    /// - Returns: nil outside.
    /// - Throws: `failed` when what the sandbox tells of itself can't be read.
    static func find(_ environment: [[UInt8]]) throws(SandboxError) -> Nesting? {
        // On the way of every launch: outside, one short file of /proc says enough.
        guard Inside.isConfined() else { return nil }
        if Inside.isHere() {
            let session = try PublishedFiles.session()
            let names: [Level] = Level.allCases
            guard let word = text("level", in: session), let level = names.first(where: { "\($0)" == word })
            else {
                throw SandboxError(
                    .failed, "\(PublishedContent.directory)/session isn't what this version of mews writes")
            }
            return Nesting(
                level: level, session: text("session", in: session), context: try PublishedFiles.context())
        }
        guard Inside.hasMark() else { return nil }
        let session = HostFacts.value(of: "MEWS_SESSION", in: environment).map { PrintableText.escape($0) }
        return Nesting(level: .landlock, session: session, context: nil)
    }

    /// A member of the object whose value needs no escape. Quotes within other values have one, so that nothing that
    /// looks like a member can stand there.
    private static func text(_ name: String, in object: [UInt8]) -> String? {
        let start = Array("\"\(name)\":\"".utf8)
        for index in object.indices.dropLast(start.count) where object[index...].starts(with: start) {
            let value = object[(index + start.count)...].prefix { $0 != UInt8(ascii: "\"") }
            return String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    /// Whether the sandbox around this one gives a place no more than this, and keeps it where it is.
    ///
    /// - Parameters:
    ///   - path: the place, without links.
    ///   - access: what it may be used for.
    /// - Returns: whether that holds without any wall of this session's own.
    func holds(_ path: AbsolutePath, at access: Access) -> Bool {
        guard let context else { return false }
        guard let mount = context.mount(of: path), mount.access <= access else {
            return context.mount(of: path) == nil
        }
        // What lies deeper may be more.
        return !context.hasMount(below: path, moreThan: access)
    }

    /// Whether the sandbox around this one reaches nobody but those whom this policy allows.
    func holds(_ network: NetworkPolicy) -> Bool {
        guard let outer = context?.network else { return network.allow.isEmpty && network.loopback.isEmpty }
        return Set(outer.allow.map(\.value)).isSubset(of: network.allow.map(\.value))
            && Set(outer.loopback.map(\.value)).isSubset(of: network.loopback.map(\.value))
            && Set(network.deny.map(\.value)).isSubset(of: outer.deny.map(\.value))
            && Set(network.hosts.map(\.value)).isSubset(of: outer.hosts.map(\.value))
    }

    /// Whether there is anybody to be reached through the sandbox around this one.
    var hasNetwork: Bool {
        guard let network = context?.network else { return false }
        return !network.allow.isEmpty || !network.loopback.isEmpty
    }

    /// Whether it has sockets of the host in its view that this policy doesn't name.
    func showsSockets(beyond network: NetworkPolicy) -> Bool {
        guard let context else { return false }
        return context.mounts.contains { mount in
            mount.rule.kind == .unix
                && !network.unixSockets.contains { $0.pattern.isLiteral && $0.pattern.prefix == mount.path }
        }
    }
}
