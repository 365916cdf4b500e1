internal import Linux

/// A line that a user can put into a profile.
struct ProfileLine {
    private let workspace: AbsolutePath
    private let home: AbsolutePath?

    /// Paths below these directories are written in terms of them, so that the line holds elsewhere too.
    init(workspace: AbsolutePath, home: AbsolutePath?) {
        self.workspace = workspace
        self.home = home
    }

    /// `filesystem: {read: ["/opt/x"]}`; nil for a path that no profile can name.
    func reading(_ path: AbsolutePath) -> String? {
        quoted(path).map { "filesystem: {read: [\($0)]}" }
    }

    /// `filesystem: {write: ["~/out"]}`.
    func writing(_ path: AbsolutePath) -> String? {
        quoted(path).map { "filesystem: {write: [\($0)]}" }
    }

    /// `filesystem: {write: [{path: "~/out", create: dir}]}`.
    func creating(_ path: AbsolutePath) -> String? {
        quoted(path).map { "filesystem: {write: [{path: \($0), create: dir}]}" }
    }

    /// `network: {unix: ["/run/x.sock"]}`.
    func connecting(_ path: AbsolutePath) -> String? {
        quoted(path).map { "network: {unix: [\($0)]}" }
    }

    /// The path in double quotes; nil where it has a `*`, which a profile can't take literally.
    private func quoted(_ path: AbsolutePath) -> String? {
        guard !path.bytes.contains(UInt8(ascii: "*")) else { return nil }
        if let below = workspace.relative(of: path) { return "\"" + Self.join("${workspace}", below) + "\"" }
        if let below = home?.relative(of: path), home?.isRoot == false {
            return "\"" + Self.join("~", below) + "\""
        }
        return "\"" + Self.escape(path.bytes[...]) + "\""
    }

    private static func join(_ base: String, _ below: ArraySlice<UInt8>) -> String {
        below.isEmpty ? base : base + "/" + escape(below)
    }

    /// In a profile's double quotes `\xNN` is a byte; what the reader refuses or an eye can't see is written so.
    private static func escape(_ bytes: ArraySlice<UInt8>) -> String {
        var text = ""
        for scalar in PrintableText.escape(bytes).unicodeScalars {
            switch scalar.properties.generalCategory {
            case _ where scalar == "\"": text += "\\x22"
            case .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                for byte in String(scalar).utf8 {
                    text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
