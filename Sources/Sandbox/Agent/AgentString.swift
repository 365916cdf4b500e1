public import Linux

/// A shell command as Claude Code hands it to its prefix, in the parts that Mews acts on:
///
///     source SNAPSHOT 2>/dev/null || true && … && eval 'COMMAND' < /dev/null && pwd -P >| FILE
///
/// The text is the agent's, and what is in `COMMAND` the model's: everything that isn't exactly of that form is a command
/// like any other.
public struct AgentString: Sendable {
    /// The agent's snapshot of the user's shell that the command begins with.
    public let snapshot: AbsolutePath?
    /// What the model asked to run; nil when it can't be told.
    public let command: [UInt8]?
    /// The file on the host into which the shell's last directory is to be written.
    public let directoryFile: AbsolutePath?
    /// The command as it is run inside, where the file lies in the private /tmp.
    public let text: [UInt8]

    /// Takes a command apart.
    ///
    /// - Parameters:
    ///   - string: the command.
    ///   - snapshots: the directory of the agent's snapshots.
    ///   - temporary: the directories in which the agent has temporary files.
    public init(_ string: [UInt8], snapshots: AbsolutePath?, temporary: [AbsolutePath]) {
        snapshot = Self.snapshot(string, snapshots)
        command = Self.command(string)
        guard let (path, start) = Self.directoryFile(string, temporary) else {
            directoryFile = nil
            text = string
            return
        }
        directoryFile = path
        text = string[..<start] + Array("/tmp/".utf8) + path.lastComponent
    }

    private static func snapshot(_ string: [UInt8], _ snapshots: AbsolutePath?) -> AbsolutePath? {
        let start = Array("source ".utf8)
        guard let snapshots, string.starts(with: start),
            let (word, _) = ShellWord.read(string[start.count...]), let path = AbsolutePath(word),
            path.parent == snapshots, isPlain(path.lastComponent),
            path.lastComponent.starts(with: "snapshot-".utf8),
            path.lastComponent.suffix(3).elementsEqual(".sh".utf8)
        else { return nil }
        return path
    }

    private static func command(_ string: [UInt8]) -> [UInt8]? {
        let mark = Array("eval ".utf8)
        // The first one: what comes before is the agent's own.
        guard string.count > mark.count,
            let place = string.indices.first(where: {
                string[$0...].starts(with: mark) && ($0 == 0 || string[$0 - 1] == UInt8(ascii: " "))
            })
        else { return nil }
        return ShellWord.read(string[(place + mark.count)...])?.word
    }

    /// The last word, where exactly `pwd -P >| ` stands before it.
    private static func directoryFile(
        _ string: [UInt8], _ temporary: [AbsolutePath]
    ) -> (path: AbsolutePath, start: Int)? {
        let mark = Array("&& pwd -P >| ".utf8)
        guard string.count > mark.count,
            let place = string.indices.last(where: { string[$0...].starts(with: mark) })
        else { return nil }
        let start = place + mark.count
        guard let (word, end) = ShellWord.read(string[start...]), end == string.endIndex,
            let path = AbsolutePath(word), let parent = path.parent, temporary.contains(parent)
        else { return nil }
        let name = path.lastComponent
        guard isPlain(name), name.count <= 128, name.starts(with: "claude-".utf8),
            name.suffix(4).elementsEqual("-cwd".utf8)
        else { return nil }
        return (path, start)
    }

    private static func isPlain(_ name: ArraySlice<UInt8>) -> Bool {
        name.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
        }
    }

    /// The directory that the shell ended in, from what it wrote.
    ///
    /// - Returns: nil unless it is one absolute path in the workspace.
    public static func directory(_ written: [UInt8], in workspace: AbsolutePath) -> AbsolutePath? {
        var written = written
        if written.last == UInt8(ascii: "\n") { written.removeLast() }
        guard !written.contains(UInt8(ascii: "\n")), let path = AbsolutePath(written),
            path.bytes == written, workspace.contains(path)
        else { return nil }
        return path
    }
}
