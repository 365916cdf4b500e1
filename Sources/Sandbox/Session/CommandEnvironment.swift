public import Linux
internal import Network
public import Profile

/// The environment of the command: what the policy passes and sets, and nothing else.
public struct CommandEnvironment: Sendable {
    /// The variables by name, in the order in which they were decided.
    private var variables: [(name: [UInt8], value: [UInt8])] = []

    /// Takes from the caller's environment what the policy passes, then sets the proxy where a host is allowed, and
    /// what the policy sets.
    ///
    /// - Parameters:
    ///   - policy: which names pass and which values are set, and whether there is anybody to reach.
    ///   - facts: the caller's environment.
    ///   - session: the identifier that is shown to people as MEWS_SESSION.
    public init(policy: Policy, facts: HostFacts, session: String) {
        let passed = policy.process.pass.map { Array($0.value.utf8) }
        for entry in facts.environment {
            guard let cut = entry.firstIndex(of: UInt8(ascii: "=")), cut > 0 else { continue }
            let name = entry[..<cut]
            if passed.contains(where: { Self.matches($0, name) }) {
                set(Array(name), Array(entry[(cut + 1)...]), replacing: false)
            }
        }
        if value(of: "PATH") == nil { set("PATH", Array(Command.usualPath.utf8)) }
        // Before what the profile sets, and in place of the caller's own: its proxy can't be reached from inside.
        if !policy.network.allow.isEmpty {
            for (name, value) in Self.proxySettings { set(name, Array(value.utf8)) }
        }
        for setting in policy.process.set {
            set(Array(setting.name.utf8), setting.value.value, replacing: true)
        }
        set("MEWS", Array("1".utf8))
        set("MEWS_SESSION", Array(session.utf8))
    }

    /// Whoever knows of proxies asks for a name rather than for an address, and is told in words what is refused.
    /// Everybody else is let through or refused as well, so nothing is set that could do harm: ALL_PROXY with SOCKS
    /// keeps Python's httpx from being made at all where its SOCKS library is missing, NODE_USE_ENV_PROXY and
    /// JAVA_TOOL_OPTIONS make each run of those programs print a line about it.
    private static let proxySettings: [(name: String, value: String)] = {
        let proxy = "http://127.0.0.1:\(NetworkListener.proxyPort)"
        // The sandbox's own servers are as near as the proxy.
        let direct = "localhost,127.0.0.1,::1"
        return [
            ("http_proxy", proxy), ("HTTP_PROXY", proxy), ("https_proxy", proxy), ("HTTPS_PROXY", proxy),
            ("no_proxy", direct), ("NO_PROXY", direct),
        ]
    }()

    /// The value of a variable.
    public func value(of name: String) -> [UInt8]? {
        variables.first { $0.name.elementsEqual(name.utf8) }?.value
    }

    /// The entries as execve(2) takes them.
    public var entries: [CString] {
        variables.map { CString($0.name + [UInt8(ascii: "=")] + $0.value) }
    }

    mutating func set(_ name: String, _ value: [UInt8]) {
        set(Array(name.utf8), value, replacing: true)
    }

    /// Of several entries with one name the first is what getenv(3) finds, so the others don't pass.
    private mutating func set(_ name: [UInt8], _ value: [UInt8], replacing: Bool) {
        if let index = variables.firstIndex(where: { $0.name == name }) {
            if replacing { variables[index].value = value }
        } else {
            variables.append((name, value))
        }
    }

    /// A `*` at the end stands for any rest.
    private static func matches(_ pattern: [UInt8], _ name: ArraySlice<UInt8>) -> Bool {
        if pattern.last == UInt8(ascii: "*") { return name.starts(with: pattern.dropLast()) }
        return name.elementsEqual(pattern)
    }
}
