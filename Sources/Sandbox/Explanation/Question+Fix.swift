internal import Linux
internal import Profile

extension Question {
    /// The smallest line that would allow the use, given that no restriction of the user stands in the way;
    /// nil when there is none that anybody should take.
    var fix: String? {
        // Another line of the user's would be intersected with the repository's lists as well.
        guard context.narrowing == nil, use.access == .read || protection == nil else { return nil }
        let line = ProfileLine(workspace: context.workspace, home: context.home)
        switch use {
        case .read, .execute: return canBeGranted(path) ? line.reading(path) : nil
        case .connect:
            // Nobody should take a way out of the sandbox because a record proposes it.
            guard PrivilegedSocket.reason(for: path, home: context.home) == nil else { return nil }
            return canBeGranted(path) ? line.connecting(path) : nil
        case .write, .attributes: return canBeGranted(path) ? line.writing(path) : nil
        case .makeDirectory where context.mount(of: path) == nil:
            return canBeGranted(path) ? line.creating(path) : nil
        case .makeDirectory, .create, .delete, .rename:
            // What a line names becomes a mount, which can't be made, moved or removed from inside.
            guard let directory = path.parent, canBeGranted(directory), !wouldBeHeld else { return nil }
            return line.writing(directory)
        }
    }

    /// The line that would win over a grant for writing.
    var protection: DecidingRule? { context.restrictions.protection(of: path) }

    /// Whether the name would still be held in place in a directory that can be written.
    private var wouldBeHeld: Bool {
        context.hasMount(atOrBelow: path) || context.restrictions.names(inOrBelow: path)
    }

    /// Whether a line for exactly this path is accepted, and isn't a grant of nearly everything.
    private func canBeGranted(_ target: AbsolutePath) -> Bool {
        guard !target.isRoot, context.home.map({ target.contains($0) }) != true else { return false }
        if target != path, let kept = context.restrictions.nearest(to: target) {
            // A parent directory in the floor would open more than was asked for.
            return kept.rule.kind != .floor && kept.rule.kind != .deny && kept.rule.kind != .reserved
        }
        guard let mount = context.mount(of: target) else { return true }
        switch mount.place {
        case .processes: return false
        case .devices: return mount.path != target
        case .host, .protected, .pin, .own, .mask, .hidden: return mount.rule.kind != .reserved
        }
    }
}
