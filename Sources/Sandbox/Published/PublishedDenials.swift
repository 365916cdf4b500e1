internal import Linux

/// The file `/run/mews/denials`: what was denied so far, a line of JSON each, for the command to read.
///
/// The supervisor appends while the command runs; what doesn't fit is counted, because the file shares its file
/// system with the command's /tmp, which the command may have filled. The log is the record: nothing depends on
/// this file, so a failing write isn't an error.
public struct PublishedDenials: ~Copyable {
    /// The most bytes of the file.
    public static let greatestSize = 256 << 10
    /// The last line once the file is full.
    private static let fullLine = Array("{\"full\":true}\n".utf8)

    private let file: FileDescriptor
    private let hides: Bool
    private var size = 0
    private var isFull = false
    /// Whether a write failed, perhaps in the middle of a line.
    private var isTorn = false
    /// How many lines weren't written.
    public private(set) var missing = 0

    /// Opens the file.
    ///
    /// - Parameters:
    ///   - scratch: the number of a descriptor of the scratch file system's root; it stays the caller's.
    ///   - hides: whether the policy hides what is outside the view; such denials aren't published then.
    ///
    /// Nil when there is no such file, as where `/run/mews` has no place in the view.
    public init?(scratch: Int32, hides: Bool) {
        let name = CString("\(PublishedContent.scratchName)/denials")
        // Not through a link: the directory can't be written from inside, but a supervisor has no reason to
        // depend on that.
        let flags: Files.Flags = [.write, .noFollow, .nonBlocking, .closeOnExec]
        guard let file = try? Files.open(name, at: scratch, flags) else { return nil }
        self.file = file
        self.hides = hides
    }

    /// Appends one denial.
    ///
    /// - Parameters:
    ///   - line: one JSON object without a line feed.
    ///   - isOutside: whether it tells of something that isn't in the view or is kept out.
    public mutating func append(_ line: [UInt8], isOutside: Bool) {
        guard !(hides && isOutside) else { return }
        let end = [UInt8(ascii: "\n")]
        let line = (isTorn ? end : []) + line + end
        guard !isFull, size + line.count + Self.fullLine.count <= Self.greatestSize else {
            missing += 1
            guard !isFull else { return }
            isFull = true
            try? Files.writeAll(file.number, Self.fullLine)
            return
        }
        do throws(Errno) {
            try Files.writeAll(file.number, line)
            size += line.count
            isTorn = false
        } catch {
            isTorn = true
            missing += 1
        }
    }
}
