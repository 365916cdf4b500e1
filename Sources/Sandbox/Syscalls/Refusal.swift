/// Why a call is refused, which decides the error number that the caller sees.
///
/// Never a signal: programs probe for calls all the time and carry on after an error. The one place that
/// turns a refusal into what the kernel does is `FilterAction.init(_:)`, with a
/// listener or without: the number is the same either way.
enum Refusal: Hashable, Sendable {
    /// EPERM: it exists, and this sandbox doesn't permit it.
    case permission
    /// ENOSYS: callers take their fallback, as on a kernel without the call. Also for every unknown number.
    case notImplemented
    /// EAFNOSUPPORT: what socket(2) says of an address family that isn't compiled in.
    case addressFamily
    /// ESOCKTNOSUPPORT: what socket(2) says of a type that the family lacks.
    case socketType
    /// EPROTONOSUPPORT: what socket(2) says of a protocol that the family lacks.
    case socketProtocol
    /// EACCES: what a host without permission for the network says.
    case access
    /// EISNAM, which nothing else answers to prctl(2): the mark of a level. Nobody is told of the question.
    case mark

    /// Whether whoever listens is told.
    var isNews: Bool { self != .notImplemented && self != .mark }

    /// The number (errno(3); the same on every architecture that Mews knows).
    var errno: UInt32 {
        switch self {
        case .permission: 1
        case .access: 13
        case .notImplemented: 38
        case .socketProtocol: 93
        case .socketType: 94
        case .addressFamily: 97
        case .mark: 120
        }
    }
}
