extension ScalarKind {
    /// The type as members of a JSON Schema. Where Mews takes the text of a scalar, an unquoted number or
    /// `true` is allowed as well, because other readers of YAML type it.
    var schema: [(name: String, value: JSONText)] {
        switch self {
        case .text, .variableValue:
            [("type", .list([.text("string"), .text("number"), .text("boolean")]))]
        case .secret:
            [
                ("type", .list([.text("string"), .text("number"), .text("boolean")])),
                ("minLength", .number(1)),
            ]
        case .version: [("const", .number(1))]
        case .flag: [("type", .text("boolean"))]
        case .choice(let words, let later): [("enum", .list((words + later).map(JSONText.text)))]
        case .integer(let range):
            [
                ("type", .text("integer")), ("minimum", .number(range.lowerBound)),
                ("maximum", .number(range.upperBound)),
            ]
        case .loopbackPort: Self.integer(Self.ports).schema
        default: [("type", .text("string")), ("pattern", .text(pattern))]
        }
    }

    /// A regular expression (ECMA-262) that every valid text matches; the decoder checks more.
    private var pattern: String {
        let start = #"(?:/|~(?:/|$)|\$\{(?:workspace|cache)\}(?:/|$)|"# + Self.baseDirectories + "|[^/~$])"
        let noDots = #"(?!(?:[^/]*/)*\.\.?(?:/|$))"#
        let host = #"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"#
        let port = "(?::[1-9][0-9]{0,4})?"
        return switch self {
        case .size: "^[1-9][0-9]*(?:KiB|MiB|GiB)$"
        case .duration: "^[1-9][0-9]*(?:ms|s|m|h|d)$"
        case .path(.none): "^" + noDots + #"(?!.*\*)"# + start
        case .path(.component): "^" + noDots + #"(?!.*\*\*)"# + start
        case .path(.anyDepth): "^" + noDots + #"(?!.*(?:[^/]\*\*|\*\*[^/]))(?!/\*\*)"# + start
        case .profileReference: #"^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|.*/.*|.*\.yaml)$"#
        case .profileName: "^[A-Za-z0-9_][A-Za-z0-9_.-]*$"
        case .hostRule: "^(?:\\*\\.(?=[^:]*\\.))?" + host + port + "$"
        case .hostOrAddressRule:
            "^(?:(?:\\*\\.(?=[^:]*\\.))?" + host + port + #"|\[[0-9A-Fa-f:.]+\]"# + port + "|[0-9A-Fa-f:.]+)$"
        case .hostPattern: "^(?:\\*\\.(?=.*\\.))?" + host + "$"
        case .hostName: "^" + host + "$"
        case .address, .addressOfName: "^[0-9A-Fa-f:.]+$"
        case .proxyURL: "^http://[^/@]+:[0-9]+/?$"
        case .credentialsReference: "^env:[A-Za-z_][A-Za-z0-9_]*$"
        case .variableName: "^(?!MEWS(?:_SESSION)?$)[A-Za-z_][A-Za-z0-9_]*$"
        case .variablePattern: "^(?!MEWS(?:_SESSION)?$)[A-Za-z_][A-Za-z0-9_]*\\*?$"
        case .syscall: "^[a-z_][a-z0-9_]*$"
        case .test: "^(?:allow|deny) +(?:read|write|exec|connect) +."
        default: ""
        }
    }

    private static var baseDirectories: String {
        let names = BaseDirectory.allCases.map { $0.rawValue.dropFirst(4) }
        return #"\$XDG_(?:"# + names.joined(separator: "|") + ")(?:/|$)"
    }
}
