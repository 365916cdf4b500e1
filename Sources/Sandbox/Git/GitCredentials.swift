internal import Audit
internal import Linux

/// What a repository's configuration holds of credentials, and the same configuration without them.
///
/// The checkout step of a build server leaves the job's token there (`http.<url>.extraheader`, or an included file
/// that has it), and people leave passwords in addresses. Whoever reads the file can push.
struct GitCredentials {
    /// What was left out of the copy: how it is named, never what it is.
    private(set) var found: [String] = []
    /// The configuration written anew, with what git needs and nothing of what was found.
    private(set) var masked: [UInt8] = []

    /// How deep files that include files are followed.
    private static let mostIncludes = 4

    /// Reads a configuration.
    ///
    /// - Parameters:
    ///   - configuration: the configuration.
    ///   - included: the content of a file that it includes; nil when it can't be read.
    init(_ configuration: GitConfiguration, included: ([UInt8]) -> [UInt8]? = { _ in nil }) {
        self.init(configuration, depth: 0, included: included)
    }

    private init(_ configuration: GitConfiguration, depth: Int, included: ([UInt8]) -> [UInt8]?) {
        masked = Array("# Shown by Mews in place of the file, without credentials and comments.\n".utf8)
        for setting in configuration.settings {
            switch Self.judge(setting, depth, included) {
            case .harmless: write(setting, setting.value, setting.subsection)
            case .shown(let value, let subsection):
                found.append(Self.name(of: setting))
                write(setting, value, subsection)
            case .leftOut: found.append(Self.name(of: setting))
            }
        }
    }

    private enum Judgement {
        case harmless
        /// Without the user and the password in it.
        case shown(value: [UInt8]?, subsection: [UInt8])
        case leftOut
    }

    private static func judge(
        _ setting: GitConfiguration.Setting, _ depth: Int, _ included: ([UInt8]) -> [UInt8]?
    ) -> Judgement {
        let (section, key) = (text(setting.section), text(setting.key))
        switch (section, key) {
        // Whatever header it is: a token has many names.
        case ("http", "extraheader"):
            return setting.value?.isEmpty ?? true ? .harmless : .leftOut
        case ("include", "path"), ("includeif", "path"):
            return holdsCredentials(setting.value ?? [], depth, included) ? .leftOut : .harmless
        default:
            let value = setting.value.map(withoutPassword)
            let subsection = withoutPassword(setting.subsection)
            // A helper that says a password itself, and everything that has the shape of a token.
            if let value, Redaction().redact(value).replaced > 0 { return .leftOut }
            if value == setting.value, subsection == setting.subsection { return .harmless }
            return .shown(value: value, subsection: subsection)
        }
    }

    private static func holdsCredentials(
        _ path: [UInt8], _ depth: Int, _ included: ([UInt8]) -> [UInt8]?
    ) -> Bool {
        guard let bytes = included(path) else { return false }
        // What git can't read it doesn't use, but it isn't read to the end here either.
        guard depth < mostIncludes, let configuration = try? GitConfiguration(bytes) else { return true }
        return !GitCredentials(configuration, depth: depth + 1, included: included).found.isEmpty
    }

    /// The text with each `scheme://user:password@host` in it without what stands before the `@`, as in
    /// `remote.origin.url` and in the subsection of `url.<base>.insteadOf`. A user alone is no credential, but for a
    /// token, which is written in its place.
    private static func withoutPassword(_ text: [UInt8]) -> [UInt8] {
        let mark = Array("://".utf8)
        guard text.count > mark.count,
            let start = text.indices.first(where: { text[$0...].starts(with: mark) })
        else { return text }
        let authority = text[(start + mark.count)...].prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        guard let sign = authority.lastIndex(of: UInt8(ascii: "@")) else { return text }
        let scheme = String(decoding: text[..<start], as: UTF8.self).lowercased()
        // git@host is how everybody logs in by ssh, where the key is the credential.
        if !authority[..<sign].contains(UInt8(ascii: ":")), scheme.hasSuffix("ssh") { return text }
        return Array(text[..<(start + mark.count)] + text[(sign + 1)...])
    }

    private static func name(of setting: GitConfiguration.Setting) -> String {
        let subsection = setting.subsection.isEmpty ? "" : "." + text(withoutPassword(setting.subsection))
        return PrintableText.escape(
            Array("\(text(setting.section))\(subsection).\(text(setting.key))".utf8))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Each under a header of its own: git joins sections of one name.
    private mutating func write(
        _ setting: GitConfiguration.Setting, _ value: [UInt8]?, _ subsection: [UInt8]
    ) {
        masked.append(UInt8(ascii: "["))
        masked += setting.section
        if !subsection.isEmpty {
            masked += Array(" \"".utf8)
            for byte in subsection {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    masked.append(UInt8(ascii: "\\"))
                }
                masked.append(byte)
            }
            masked.append(UInt8(ascii: "\""))
        }
        masked += Array("]\n\t".utf8) + setting.key
        if let value {
            masked += Array(" = \"".utf8)
            for byte in value { masked += Self.escaped(byte) }
            masked.append(UInt8(ascii: "\""))
        }
        masked.append(UInt8(ascii: "\n"))
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "\n"): Array("\\n".utf8)
        case UInt8(ascii: "\t"): Array("\\t".utf8)
        case 8: Array("\\b".utf8)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
        default: [byte]
        }
    }
}
