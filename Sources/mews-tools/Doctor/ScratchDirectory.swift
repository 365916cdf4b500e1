internal import FoundationEssentials
internal import Glibc
internal import Linux
internal import Sandbox

/// An empty directory of this user's own, to be removed again.
struct ScratchDirectory {
    let path: AbsolutePath

    private static let places = ["/tmp", "/var/tmp", "/dev/shm"]

    /// Makes it, with an unforeseeable name that tells whose it is.
    init() throws(SandboxError) {
        var last = Errno.noEntry
        for place in Self.places.compactMap({ AbsolutePath($0) }) {
            do throws(Errno) {
                try self.init(in: place)
                return
            } catch {
                last = error
            }
        }
        throw SandboxError(
            .failed, "cannot make a directory in any of \(Self.places.joined(separator: ", "))", errno: last,
            hint: "make one of them writable")
    }

    /// Makes it in a directory.
    init(in place: AbsolutePath) throws(Errno) {
        path = place.appending("mews-doctor-\(getpid())-\(UInt64.random(in: 0 ... .max))")
        try Files.makeDirectory(CString(path), mode: 0o700)
    }

    /// Removes it with what a probe left in it, such as a log.
    func remove() {
        try? FileManager.default.removeItem(atPath: path.description)
    }
}
