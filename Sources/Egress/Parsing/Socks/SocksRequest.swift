internal import Network

/// A connection that is asked for by SOCKS.
struct SocksRequest: Hashable, Sendable {
    /// The versions there are.
    enum Version: Hashable, Sendable {
        /// SOCKS 4, and 4a with names.
        case four
        /// SOCKS 5 (RFC 1928).
        case five
    }

    /// What became of a request.
    enum Outcome: Hashable, Sendable, CaseIterable {
        /// It is a tunnel from here on.
        case granted
        /// What was asked for isn't a host, or something went wrong here.
        case failed
        /// No rule allows it.
        case denied
        /// There is no way to the network.
        case networkUnreachable
        /// There is no way to the host, or its name leads nowhere.
        case hostUnreachable
        /// The host refused.
        case refused
        /// The host didn't answer in time.
        case timedOut
        /// Something other than a connection was asked for.
        case commandUnknown
        /// The address is of no kind that there is.
        case addressTypeUnknown
    }

    /// How it was asked.
    var version: Version
    /// Whom it is for.
    var endpoint: RequestedEndpoint

    /// The answer to it.
    func answer(_ outcome: Outcome) -> [UInt8] { Self.answer(outcome, version) }

    /// The answer in a version.
    static func answer(_ outcome: Outcome, _ version: Version) -> [UInt8] {
        switch version {
        // The port and address say where the connection comes from, which is nobody's business inside.
        case .four: [0, outcome == .granted ? 0x5a : 0x5b, 0, 0, 0, 0, 0, 0]
        case .five: [5, code(outcome), 0, 1, 0, 0, 0, 0, 0, 0]
        }
    }

    /// RFC 1928, 6.
    private static func code(_ outcome: Outcome) -> UInt8 {
        switch outcome {
        case .granted: 0
        case .failed: 1
        case .denied: 2
        case .networkUnreachable: 3
        case .hostUnreachable: 4
        case .refused: 5
        case .timedOut: 6
        case .commandUnknown: 7
        case .addressTypeUnknown: 8
        }
    }
}
