public import Linux
public import Profile

/// A place that doesn't exist and shouldn't appear, in a tree that the command may write.
///
/// Nothing can be mounted where nothing is, and a stub would have to be made on the host and would stay
/// there when Mews is killed. So the place is looked at again when nothing of the sandbox runs any more.
public struct WatchedPlace: Sendable {
    /// What was found and done after the run.
    public enum Finding: Sendable, Equatable {
        /// Something appeared; it was left where it is.
        case appeared
        /// Something appeared and now has this name in the same directory.
        case movedAside([UInt8])
        /// It can't be looked at any more: the command has taken the permission away, or put a link on the way.
        case unknown(Errno)
    }

    /// Where, by a path without links.
    public let path: AbsolutePath
    /// The line that speaks of it.
    public let origin: Origin
    /// Whether what appears is moved aside: git outside would take its settings from there.
    public let isMovedAside: Bool

    /// Looks again, after everything inside has ended.
    ///
    /// - Parameter suffix: what is put behind the name of what is moved aside.
    /// - Returns: nil when nothing is there.
    public func check(suffix: String) -> Finding? {
        do throws(Errno) {
            return try look(suffix)
        } catch {
            return error == .noEntry || error == .notDirectory ? nil : .unknown(error)
        }
    }

    private func look(_ suffix: String) throws(Errno) -> Finding? {
        guard let parent = path.parent else { return nil }
        // Without links on the way: the command could have put one where a directory was.
        let directory = try Files.openWithoutLinks(parent)
        let name = CString(path.lastComponent)
        guard try Files.statusIfThere(name, at: directory.number) != nil else { return nil }
        guard isMovedAside else { return .appeared }
        let other = Array(path.lastComponent) + Array(suffix.utf8)
        do throws(Errno) {
            try Files.rename(name, to: CString(other), in: directory.number)
            return .movedAside(other)
        } catch {
            return .appeared
        }
    }
}
