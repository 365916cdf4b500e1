internal import Linux

/// Looks paths up on the host, once, and keeps what they name from being exchanged.
///
/// The usual path has no link and takes one openat2(2). Only when the kernel reports one are the
/// components walked singly, so that every link is known and can be shown inside as what it is.
struct PathResolver {
    /// What a lookup came to.
    enum Outcome {
        /// Something is there.
        case found(ResolvedPath)
        /// Nothing is there.
        case missing(Errno)
        /// What is there can't be told: this user may not look into that directory.
        case unreachable(in: AbsolutePath)
    }

    /// As many links as the kernel follows before it gives up (path_resolution(7)).
    private static let mostLinks = 40

    private var numbers: [Int32] = []
    /// Directories in which something was missing, with the length of their path for those that are
    /// themselves there and 0 for others: most of the floor's hundred places lie in a few that a home doesn't
    /// have.
    private var directories = PathIndex()

    /// Looks up a path.
    ///
    /// Where something is rarely there (`isRare`), it is first asked for by stat(2): a failing open costs
    /// half as much again.
    mutating func resolve(_ path: AbsolutePath, isRare: Bool = false) throws(Errno) -> Outcome {
        let known = directories.nearest(above: path)
        if known == 0 { return .missing(.noEntry) }
        do throws(Errno) {
            if isRare { _ = try Files.status(CString(path)) }
            return .found(try keep(try Files.openWithoutLinks(path), path, []))
        } catch .loop {
            return try walk(path)
        } catch .accessDenied {
            return try walk(path)
        } catch .noEntry {
            let parentLength = path.bytes.count - path.lastComponent.count - 1
            if known != parentLength, let parent = path.parent { try note(parent) }
            return .missing(.noEntry)
        } catch {
            return try Self.outcome(of: error, in: path)
        }
    }

    /// Finds out once whether a directory exists.
    private mutating func note(_ directory: AbsolutePath) throws(Errno) {
        guard directories[directory] == nil else { return }
        let isThere = try Files.statusIfThere(CString(directory)) != nil
        directories[directory] = isThere ? directory.bytes.count : 0
    }

    /// A place that isn't there is an outcome; a lack of descriptors or memory is not.
    private static func outcome(of error: Errno, in directory: AbsolutePath) throws(Errno) -> Outcome {
        switch error {
        case .noEntry, .notDirectory: return .missing(error)
        case .accessDenied: return .unreachable(in: directory)
        default: throw error
        }
    }

    /// What was found, to be kept as long as it counts which file it was.
    consuming func held() -> HeldPlaces { HeldPlaces(numbers) }

    private mutating func keep(
        _ descriptor: consuming FileDescriptor, _ path: AbsolutePath, _ links: [SymbolicLink]
    ) throws(Errno) -> ResolvedPath {
        let number = descriptor.release()
        numbers.append(number)
        return ResolvedPath(path: path, links: links, status: try Files.status(of: number))
    }

    private mutating func walk(_ path: AbsolutePath) throws(Errno) -> Outcome {
        var links: [SymbolicLink] = []
        var real = AbsolutePath.root
        var rest = Array(path.components.reversed())
        while let component = rest.popLast() {
            if component.elementsEqual([UInt8(ascii: ".")]) { continue }
            if component.elementsEqual([UInt8(ascii: "."), UInt8(ascii: ".")]) {
                // `real` has no links, so its parent is what the kernel would take as well.
                real = real.parent ?? .root
                continue
            }
            let next = real.appending(component)
            let target: [UInt8]?
            do throws(Errno) {
                target = try Self.link(at: next)
            } catch {
                return try Self.outcome(of: error, in: real)
            }
            guard let target else {
                real = next
                continue
            }
            links.append(SymbolicLink(path: next, target: target))
            if links.count > Self.mostLinks { throw .loop }
            if target.first == UInt8(ascii: "/") { real = .root }
            rest.append(contentsOf: target.split(separator: UInt8(ascii: "/")).reversed())
        }
        do throws(Errno) {
            return .found(try keep(try Files.openWithoutLinks(real), real, links))
        } catch {
            return try Self.outcome(of: error, in: real.parent ?? .root)
        }
    }

    /// What a link holds; nil for anything else.
    private static func link(at path: AbsolutePath) throws(Errno) -> [UInt8]? {
        do throws(Errno) {
            return try Files.readLink(CString(path))
        } catch .invalidArgument {
            // readlink(2): something else is there.
            return nil
        }
    }
}
