internal import Linux

/// Looks into the sandbox's own scratch file system: /tmp and the like, which no path of the host leads to.
///
/// It is a tmpfs, which answers at once; what lies in it is made by the command, so no link is followed and no
/// mount entered.
struct ScratchLookup: ~Copyable {
    private let root: FileDescriptor

    // RESOLVE_BENEATH, RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS with RESOLVE_NO_SYMLINKS (openat2(2)).
    private static let how: UInt64 = 0x08 | 0x01 | 0x02 | 0x04

    init(_ root: consuming FileDescriptor) {
        self.root = root
    }

    /// What lies at a relative path without `.` and `..`.
    borrowing func look(at path: [UInt8]) -> ViewAnswer {
        if path.contains(0) { return .missing }
        do throws(Errno) {
            let place = try Files.open(CString(path), at: root.number, resolving: Self.how)
            let status = try Files.status(of: place.number)
            guard status.kind == .symbolicLink else { return ViewAnswer(status.kind) }
            return .link(try Files.readLink(.empty, at: place.number))
        } catch .loop {
            return .throughLink
        } catch .accessDenied {
            return .something
        } catch {
            return .missing
        }
    }
}
