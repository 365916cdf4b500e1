internal import Profile

/// The line that decides, as an answer of `mews why --json` has it.
struct AnsweredRule: Encodable {
    let kind: String
    let written: String
    let source: String
    let line: Int
    let column: Int

    init(_ kind: String, _ written: String, _ origin: Origin) {
        self.kind = kind
        self.written = written
        source = origin.source
        line = origin.line
        column = origin.column
    }
}
