/// Where a rule was written: what every message about it names.
public struct Origin: Hashable, Sendable {
    /// Who speaks: decides what the rule may do to the rules of others (`Authority`).
    public let authority: Authority
    /// The file as the user would name it, or the option (`--read`), or `built-in floor`.
    public let source: String
    /// The line, from 1; 0 when the source isn't a file.
    public let line: Int
    /// The column, in characters from 1; 0 when the source isn't a file.
    public let column: Int

    /// Names a place in a file.
    public init(authority: Authority, source: String, line: Int, column: Int) {
        self.authority = authority
        self.source = source
        self.line = line
        self.column = column
    }

    /// Names an option or another source without lines.
    public init(authority: Authority, source: String) {
        self.init(authority: authority, source: source, line: 0, column: 0)
    }
}

extension Origin: CustomStringConvertible {
    /// `FILE:LINE:COL`, or the source alone.
    public var description: String {
        line == 0 ? source : "\(source):\(line):\(column)"
    }
}
