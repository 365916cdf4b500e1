/// Something that a verification came upon.
public struct Finding: Hashable, Sendable {
    /// The file in which it shows.
    public enum Place: String, Sendable {
        case log
        case ledger
    }

    /// The state that follows from it.
    public let state: LogState
    /// Where it shows.
    public let place: Place
    /// The line, from 1; nil where none is to be named.
    public let line: Int?
    /// One sentence, without a full stop. It may hold text from the file: print it through `PrintableText`.
    public let message: String

    init(_ state: LogState, _ place: Place, line: Int? = nil, _ message: String) {
        self.state = state
        self.place = place
        self.line = line
        self.message = message
    }
}
