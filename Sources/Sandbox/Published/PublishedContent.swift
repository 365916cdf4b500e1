public import Audit
public import Linux
public import Profile

/// What stands in `/run/mews` from the start: read-only files, so that there is nothing to ask and nobody to answer.
public struct PublishedContent: Sendable {
    /// Where the files lie in the view.
    public static let directory = "/run/mews"
    /// The directory of the scratch file system that is mounted there.
    public static let scratchName = "published"

    /// The content of `policy`.
    public let policy: [UInt8]
    /// The content of `session`, one JSON object.
    public let session: [UInt8]

    /// Makes the contents.
    ///
    /// - Parameters:
    ///   - policy: has the lines.
    ///   - view: has the mounts.
    ///   - workspace: by a path without links.
    ///   - home: the home directory.
    ///   - session: the session's name.
    ///   - digest: the SHA-256 of the policy's canonical form, in hexadecimal; nil leaves it out.
    public init(
        policy: Policy, view: View, workspace: AbsolutePath, home: AbsolutePath?,
        session: SessionIdentifier, digest: String?
    ) {
        self.policy = PublishedPolicy.encode(policy, view, workspace: workspace, home: home)
        var text = "{\"digest\":" + (digest.map(Self.quote) ?? "null")
        text +=
            ",\"level\":\"\(policy.require.value)\",\"profile\":"
            + Self.quote(PrintableText.escape(Array(policy.name.utf8)))
        text += ",\"session\":\"\(session)\",\"version\":\"\(Version.number)\""
        text += ",\"workspace\":" + Self.quote(workspace.description) + "}\n"
        self.session = Array(text.utf8)
    }

    /// How much larger the scratch file system has to be, so that a small /tmp isn't filled by Mews: whole pages
    /// (tmpfs(5)).
    var scratchSize: UInt64 {
        let page: UInt64 = 4096
        return [policy.count, session.count, PublishedDenials.greatestSize].reduce(0) {
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
