public import Audit
public import Linux
public import Profile

/// What stands in `/run/mews` from the start: read-only files, so that there is nothing to ask and nobody to answer.
///
/// The child makes them. `session` stays empty until the supervisor writes it, which is before the command starts:
/// the digest in it takes time that nobody has to wait for while the child builds.
public struct PublishedContent: Sendable {
    /// Where the files lie in the view.
    public static let directory = "/run/mews"
    /// The directory of the scratch file system that is mounted there.
    public static let scratchName = "published"

    /// The content of `policy`.
    public let policy: [UInt8]
    /// The content of `session`, one JSON object, after the digest.
    private let session: [UInt8]

    /// Makes the contents.
    ///
    /// - Parameters:
    ///   - policy: has the lines.
    ///   - view: has the mounts.
    ///   - workspace: by a path without links.
    ///   - home: the home directory.
    ///   - session: the session's name.
    ///   - level: what holds it.
    public init(
        policy: Policy, view: View, workspace: AbsolutePath, home: AbsolutePath?,
        session: SessionIdentifier, level: Level = .full
    ) {
        self.policy = PublishedPolicy.encode(policy, view, workspace: workspace, home: home)
        var text =
            ",\"level\":\"\(level)\",\"profile\":"
            + Self.quote(PrintableText.escape(Array(policy.name.utf8)))
        text += ",\"session\":\"\(session)\",\"version\":\"\(Version.number)\""
        text += ",\"workspace\":" + Self.quote(workspace.description) + "}\n"
        self.session = Array(text.utf8)
    }

    /// The content of `session`.
    ///
    /// - Parameter digest: the SHA-256 of the policy's canonical form, in hexadecimal.
    /// - Returns: one JSON object in a line.
    public func session(digest: String) -> [UInt8] {
        Array(("{\"digest\":" + Self.quote(digest)).utf8) + session
    }

    /// Writes `session`. Where `/run/mews` has no place in the view there is no such file, and nothing depends on
    /// it, so that failing isn't an error.
    ///
    /// - Parameters:
    ///   - digest: the SHA-256 of the policy's canonical form, in hexadecimal.
    ///   - scratch: a descriptor of the scratch file system's root.
    public func writeSession(digest: String, scratch: Int32) {
        let name = CString("\(Self.scratchName)/session")
        // Not through a link; see `PublishedDenials`.
        let flags: Files.Flags = [.write, .noFollow, .nonBlocking, .closeOnExec]
        guard let file = try? Files.open(name, at: scratch, flags) else { return }
        try? Files.writeAll(file.number, session(digest: digest))
    }

    /// How much larger the scratch file system has to be, so that a small /tmp isn't filled by Mews: whole pages
    /// (tmpfs(5)).
    var scratchSize: UInt64 {
        let page: UInt64 = 4096
        let longestSession = session(digest: String(repeating: "0", count: 64)).count
        return [policy.count, longestSession, PublishedDenials.greatestSize].reduce(0) {
            $0 + (UInt64($1) + page - 1) / page * page
        }
    }

    /// Printable text as a JSON string (RFC 8259).
    private static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
