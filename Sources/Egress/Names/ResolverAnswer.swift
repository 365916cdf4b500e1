internal import Linux

/// What a name leads to outside.
enum ResolverAnswer: Hashable, Sendable {
    /// Its addresses, IPv4 before IPv6, each as the server ordered them; never empty.
    case addresses([IPAddress])
    /// There is no such name.
    case notFound
    /// There is such a name, and it has no address.
    case noAddress
    /// Nobody knows: it may be there.
    case failed(ResolverFailure)
}

/// Why a name's addresses aren't known.
enum ResolverFailure: Hashable, Sendable {
    /// No server answered in time.
    case timedOut
    /// No server can be reached.
    case unreachable
    /// The servers answered that they can't or won't tell (SERVFAIL, REFUSED).
    case refused
    /// What came back isn't an answer to the question.
    case malformed
    /// Too many names are being looked up.
    case busy

    /// A sentence for whoever made the connection.
    var sentence: String {
        switch self {
        case .timedOut: "no name server answered in time"
        case .unreachable: "no name server can be reached"
        case .refused: "the name server failed"
        case .malformed: "the name server's answer can't be read"
        case .busy: "too many names are being looked up"
        }
    }
}
