public import Linux

/// What a plan depends on besides the policy: read once at the start, handed down from there.
public struct HostFacts: Sendable {
    /// The user whom the command runs as.
    public var user: UInt32
    /// That user's group.
    public var group: UInt32
    /// The name in the made /etc/passwd.
    public var userName: [UInt8]
    /// The home directory, where there is one.
    public var home: AbsolutePath?
    /// The environment, each entry as `NAME=VALUE`.
    public var environment: [[UInt8]]
    /// Where the command starts unless it is told otherwise.
    public var currentDirectory: AbsolutePath

    /// Joins the parts.
    public init(
        user: UInt32, group: UInt32, userName: [UInt8], home: AbsolutePath?, environment: [[UInt8]],
        currentDirectory: AbsolutePath
    ) {
        self.user = user
        self.group = group
        self.userName = userName
        self.home = home
        self.environment = environment
        self.currentDirectory = currentDirectory
    }

    /// A home and the variables by which places are found.
    public struct Places: Sendable {
        /// The home; nil leaves it.
        public var home: AbsolutePath?
        /// `NAME=VALUE` each.
        public var variables: [[UInt8]]
        /// The names of which no other value holds.
        public var names: [String]

        /// Joins the three.
        public init(home: AbsolutePath?, variables: [[UInt8]], names: [String]) {
            self.home = home
            self.variables = variables
            self.names = names
        }
    }

    /// Puts places that were settled before where the environment has its own.
    public mutating func settle(_ places: Places) {
        let names = places.names + (places.home == nil ? [] : ["HOME"])
        environment.removeAll { entry in names.contains { entry.starts(with: Array("\($0)=".utf8)) } }
        environment += places.variables
        guard let home = places.home else { return }
        self.home = home
        environment.append(Array("HOME=".utf8) + home.bytes)
    }

    /// The value of an environment variable; of several with one name the first, as getenv(3) has it.
    public func value(of name: String) -> [UInt8]? { Self.value(of: name, in: environment) }

    /// The same of an environment, `NAME=VALUE` each.
    public static func value(of name: String, in environment: [[UInt8]]) -> [UInt8]? {
        let start = Array(name.utf8) + [UInt8(ascii: "=")]
        return environment.first { $0.starts(with: start) }.map { Array($0.dropFirst(start.count)) }
    }
}
