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
    let paths: [PathArgument]

    init(_ name: String, _ effect: Effect, _ paths: [PathArgument]) {
        self.name = name
        self.effect = effect
        self.paths = paths
    }
}
