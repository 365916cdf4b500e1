/// One step of libyaml through a text, copied out of its memory.
struct YAMLEvent {
    /// What restricted YAML refuses on a node.
    enum Decoration {
        case none
        case anchor
        case tag
    }

    /// What was met.
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart(hasDirectives: Bool)
        case documentEnd
        case alias
        case scalar(String, isDoubleQuoted: Bool, Decoration)
        case sequenceStart(Decoration)
        case sequenceEnd
        case mappingStart(Decoration)
        case mappingEnd
    }

    let kind: Kind
    /// Where it begins.
    let position: YAMLPosition
    /// What it covers, counted in characters (not bytes) from the beginning of the text.
    let characters: Range<Int>
}

/// A place in a text, for people: both numbers count from 1, the column in characters.
struct YAMLPosition: Hashable, Sendable {
    let line: UInt32
    let column: UInt32

    static let start = YAMLPosition(line: 1, column: 1)
}

/// Why a text isn't restricted YAML.
struct YAMLError: Error, Equatable {
    let position: YAMLPosition
    let problem: String
    let remedy: String

    init(_ position: YAMLPosition, _ problem: String, remedy: String) {
        self.position = position
        self.problem = problem
        self.remedy = remedy
    }

    /// What to do about the commonest complaints of libyaml, in the words of somebody who writes a profile.
    static func remedy(for problem: String) -> String {
        if problem.contains("tab") || problem.contains("cannot start any token") {
            return "indent with spaces, and put the value in double quotes when it holds a special character"
        }
        if problem.contains("expected ',' or ']'") || problem.contains("expected ',' or '}'") {
            return "close the bracket, and put values with { } [ ] , in double quotes: \"${workspace}/x\""
        }
        if problem.contains("mapping values are not allowed") {
            return "put a value that holds ': ' in double quotes, and check the indentation"
        }
        if problem.contains("could not find expected ':'") {
            return "write KEY: VALUE"
        }
        if problem.contains("escape") {
            return "write a backslash in double quotes as \\\\, or use single quotes"
        }
        return "check the indentation, the quotes and the brackets"
    }
}
