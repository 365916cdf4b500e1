internal import Linux
internal import Profile
internal import Sandbox

/// The file in which a build server shows what a step has to say, named by GITHUB_STEP_SUMMARY.
///
/// The variable says where the text goes and nothing else. The file is opened before the command runs, so that nothing
/// that the command does to the name can lead the text elsewhere.
struct StepSummary: ~Copyable {
    private let file: FileDescriptor
    private let path: AbsolutePath

    /// Why there is none.
    struct Refusal: Error {
        /// A sentence without its subject.
        let reason: String
    }

    /// Opens it; nil when the variable isn't set.
    ///
    /// - Throws: when what it names isn't a file of the user's own that can be appended to.
    static func open(environment: [[UInt8]], user: UInt32) throws(Refusal) -> StepSummary? {
        guard let value = HostFacts.value(of: "GITHUB_STEP_SUMMARY", in: environment), !value.isEmpty else {
            return nil
        }
        guard let path = AbsolutePath(value) else {
            throw Refusal(reason: "\(PrintableText.escape(value)) isn't an absolute path")
        }
        let file = try open(path)
        let place = try check(file.number, path, user: user)
        return StepSummary(file, place)
    }

    private init(_ file: consuming FileDescriptor, _ path: AbsolutePath) {
        self.file = file
        self.path = path
    }

    private static func check(_ file: Int32, _ path: AbsolutePath, user: UInt32) throws(Refusal)
        -> AbsolutePath
    {
        guard let status = try? Files.status(of: file),
            let real = try? Files.readLink(CString("/proc/self/fd/\(file)"))
        else { throw Refusal(reason: "\(path) can't be looked at") }
        guard status.kind == .regular, status.links == 1 else {
            throw Refusal(reason: "\(path) isn't a regular file with one name")
        }
        // A job in a container is often root, and the file that of the runner outside.
        guard status.uid == user || user == 0 else {
            throw Refusal(reason: "\(path) belongs to user \(status.uid)")
        }
        return AbsolutePath(real) ?? path
    }

    private static func open(_ path: AbsolutePath) throws(Refusal) -> FileDescriptor {
        // Not waiting: a FIFO would be opened only once somebody reads.
        let flags: Files.Flags = [
            .write, .append, .noFollow, .nonBlocking, .noControllingTerminal, .closeOnExec,
        ]
        do throws(Errno) {
            return try Files.open(CString(path), flags)
        } catch {
            throw Refusal(reason: "\(path) can't be opened: \(error)")
        }
    }

    /// Appends a text that ends its lines.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - view: what the command saw; nil when it saw nothing.
    /// - Throws: when it can't be written, or when the command could write it as well.
    func append(_ text: String, after view: View?) throws(Refusal) {
        guard view?.access(to: path) != .write else {
            throw Refusal(reason: "the command can write \(path), so what stands there proves nothing")
        }
        do throws(Errno) {
            // The step before may not have ended its last line.
            try Files.writeAll(file.number, Array(("\n" + text).utf8))
        } catch {
            throw Refusal(reason: "\(path) can't be written: \(error)")
        }
    }
}
