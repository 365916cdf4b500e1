internal import Audit

/// A system call that takes a path, as far as it matters for what a refused lookup means.
struct PathCall: Equatable {
    /// What the caller wants with the path.
    enum Effect: Equatable {
        /// To open it; the flags in an argument tell for what.
        case open(flags: Int)
        /// To open it as a new file (creat(2)).
        case creates
        /// To execute it.
        case executes
        /// To connect or send to a socket there.
        case connects
        /// To change something there.
        case changes(FileActivity)
        /// Only to look whether and what it is, to stand in it or to watch it.
        case looks
    }

    /// A path among the arguments.
    struct PathArgument: Equatable {
        /// The argument with its address.
        let path: Int
        /// The argument with the directory that it starts from; nil for the current one.
        let directory: Int?
        /// Whether it is the address of a socket (unix(7)), with its length in the next argument.
        var isSocketAddress = false
    }

    /// As the kernel calls it.
    let name: String
    let effect: Effect
    /// The paths; none where they are too far away.
    private(set) var paths: [PathArgument]

    private init(_ name: String, _ effect: Effect, _ paths: [(Int, Int?)]) {
        self.name = name
        self.effect = effect
        self.paths = paths.map { PathArgument(path: $0.0, directory: $0.1) }
    }

    /// A call with one path that starts from the current directory.
    static func plain(_ name: String, _ effect: Effect) -> PathCall {
        PathCall(name, effect, [(0, nil)])
    }

    /// A call with two such paths.
    static func pair(_ name: String, _ effect: Effect) -> PathCall {
        PathCall(name, effect, [(0, nil), (1, nil)])
    }

    /// A call with one path and its directory before it.
    static func at(_ name: String, _ effect: Effect) -> PathCall {
        PathCall(name, effect, [(1, 0)])
    }

    /// A call with two such.
    static func pairAt(_ name: String, _ effect: Effect) -> PathCall {
        PathCall(name, effect, [(1, 0), (3, 2)])
    }

    /// A call whose only path has an argument of its own.
    static func call(_ name: String, _ effect: Effect, path: Int, directory: Int? = nil) -> PathCall {
        PathCall(name, effect, [(path, directory)])
    }

    /// A call with the address of a socket; without a place it is in a structure that isn't looked into.
    static func socket(_ name: String, _ effect: Effect, address: Int?) -> PathCall {
        var call = PathCall(name, effect, [])
        if let address {
            call.paths = [PathArgument(path: address, directory: nil, isSocketAddress: true)]
        }
        return call
    }
}
