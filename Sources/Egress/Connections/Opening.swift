internal import Linux
internal import Network

/// What is needed of a connection until it relays, and not any more then.
final class Opening {
    /// How the program is told that its connection is made.
    enum Answer {
        /// Not at all: to it, it has been made long ago.
        case nothing
        /// By what the exchange says of its request.
        case exchange
        /// As its SOCKS request wants it.
        case socks(SocksRequest)
    }

    var answer = Answer.nothing
    /// The request of the exchange is one for a tunnel.
    var isTunnelAsked = false
    /// What the first bytes still have to be; nil when there is nothing to be seen any more.
    var check: NetworkRule.ProtocolCheck?
    /// Addresses that may be dialled and haven't been yet, in their order.
    var candidates: ArraySlice<IPAddress> = []
    /// When the last of them has to be connected.
    var connectBy: Int64 = .max
    /// The resolver was asked.
    var isResolving = false
    /// The number of the event that has to be written down first; 0 without.
    var awaited: UInt64 = 0
    /// What the client has sent so far, kept until it is known what it is.
    var inbox: [UInt8] = []
    var hello = ClientHelloReader()
    var socks = SocksReader()
    /// What is sent when the refusal has been written down.
    var refusal = Refusal.reset
    /// The last thing that went wrong while dialling.
    var error = Errno.timedOut

    /// How a program learns that it isn't let through.
    enum Refusal {
        /// By a reset.
        case reset
        /// In the way of what it sends: an alert, a response, or a reset.
        case inKind(ProxyRefusal)
        /// By these bytes.
        case bytes([UInt8])
        /// By the exchange, which then goes on or ends.
        case exchange(ProxyRefusal)
    }
}
