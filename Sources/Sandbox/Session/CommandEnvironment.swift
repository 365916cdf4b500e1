public import Linux
public import Profile

/// The environment of the command: what the policy passes and sets, and nothing else.
public struct CommandEnvironment: Sendable {
    /// The variables by name, in the order in which they were decided.
    private var variables: [(name: [UInt8], value: [UInt8])] = []

    /// Takes from the caller's environment what the policy passes, then sets what it sets.
    ///
    /// - Parameters:
    ///   - policy: which names pass and which values are set.
    ///   - facts: the caller's environment.
    ///   - session: the identifier that is shown to people as MEWS_SESSION.
    public init(policy: ProcessPolicy, facts: HostFacts, session: String) {
        let passed = policy.pass.map { Array($0.value.utf8) }
        for entry in facts.environment {
            guard let cut = entry.firstIndex(of: UInt8(ascii: "=")), cut > 0 else { continue }
            let name = entry[..<cut]
            if passed.contains(where: { Self.matches($0, name) }) {
                set(Array(name), Array(entry[(cut + 1)...]), replacing: false)
            }
        }
        if value(of: "PATH") == nil { set("PATH", Array(Command.usualPath.utf8)) }
        for setting in policy.set { set(Array(setting.name.utf8), setting.value.value, replacing: true) }
        set("MEWS", Array("1".utf8))
        set("MEWS_SESSION", Array(session.utf8))
    }

    /// The value of a variable.
    public func value(of name: String) -> [UInt8]? {
        variables.first { $0.name.elementsEqual(name.utf8) }?.value
    }

    /// The entries as execve(2) takes them.
    public var entries: [CString] {
        variables.map { CString($0.name + [UInt8(ascii: "=")] + $0.value) }
    }

    private mutating func set(_ name: String, _ value: [UInt8]) {
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
