internal import Audit
internal import Sandbox

extension PathCall {
    /// The call of a number; nil when it takes no path, or isn't one that the filter lets through.
    init?(number: UInt64) {
        guard let number = UInt32(exactly: number), let name = SyscallNames.name(of: number) else {
            return nil
        }
        self.init(name: name)
    }

    /// What a call does with which of its arguments: what changes something is known from the notifications, which
    /// meet the same calls.
    private init?(name: String) {
        if let shape = CallShape(name) {
            self.init(name, shape)
        } else {
            guard let (effect, paths) = Self.looking(name) ?? Self.unnotified(name) else { return nil }
            self.init(name, effect, paths)
        }
    }

    private init?(_ name: String, _ shape: CallShape) {
        let paths = [shape.path, shape.second].compactMap { path in
            path.flatMap { path in
                path.text.map {
                    PathArgument(path: $0, directory: path.directory, isSocketAddress: path.isAddress)
                }
            }
        }
        guard !paths.isEmpty else { return nil }
        self.init(name, Self.effect(of: shape.act), paths)
    }

    private static func effect(of act: CallShape.Act) -> Effect {
        switch act {
        case .open(let flags): .open(flags: flags)
        case .create: .creates
        case .makeDirectory, .makeNode, .link: .changes(.create)
        case .remove, .removeDirectory: .changes(.delete)
        case .rename: .changes(.rename)
        case .truncate: .changes(.write)
        case .attributes: .changes(.attributes)
        case .execute: .executes
        case .connect: .connects
        }
    }

    private static func looking(_ name: String) -> (Effect, [PathArgument])? {
        switch name {
        case "stat", "lstat", "access", "chdir", "readlink", "statfs", "getxattr", "lgetxattr", "listxattr",
            "llistxattr":
            (.looks, [PathArgument(path: 0, directory: nil)])
        case "inotify_add_watch": (.looks, [PathArgument(path: 1, directory: nil)])
        case "newfstatat", "readlinkat", "faccessat", "faccessat2", "name_to_handle_at", "statx",
            "getxattrat",
            "listxattrat":
            (.looks, [PathArgument(path: 1, directory: 0)])
        default: nil
        }
    }

    /// What changes or reaches something and isn't notified: newer calls, which the filter refuses, and those whose
    /// address is in a structure that isn't looked into.
    private static func unnotified(_ name: String) -> (Effect, [PathArgument])? {
        switch name {
        case "setxattrat", "removexattrat": (.changes(.attributes), [PathArgument(path: 1, directory: 0)])
        case "sendmsg", "sendmmsg": (.connects, [])
        default: nil
        }
    }
}
