/// Finds the ClientHello in what a program sends first, in whatever pieces it comes.
///
/// The message may lie in several records and the records in several segments (RFC 8446, 5.1); what a server puts
/// together is put together here as well. What follows the message isn't looked at.
struct ClientHelloReader: Sendable {
    /// What is known so far.
    enum Outcome: Hashable, Sendable {
        /// It isn't whole yet.
        case needMore
        /// It isn't TLS. That goes for the hello of SSL 2 as well.
        case notTLS
        /// It isn't whole after ``mostBytes``.
        case tooLarge
        /// TLS that begins with something else, or a hello that can be read in two ways or in none.
        case malformed
        /// The hello.
        case hello(ClientHello)
    }

    /// The most bytes from the first to the last of the message, the headers of records counted.
    static let mostBytes = 16 * 1024

    private static let headerSize = 5
    private static let handshake: UInt8 = 22
    private static let clientHello: UInt8 = 1

    /// The header of the record that is being read, as far as it came.
    private var header: [UInt8] = []
    /// What of the record's fragment is still to come.
    private var left = 0
    /// The handshake message, as far as it came.
    private var message: [UInt8] = []
    private var count = 0
    private var outcome = Outcome.needMore

    /// Reads what came next.
    ///
    /// - Parameter bytes: only what wasn't handed over before.
    /// - Returns: the outcome, which stays the same when it isn't ``Outcome/needMore``.
    mutating func read(_ bytes: some Collection<UInt8>) -> Outcome {
        guard case .needMore = outcome else { return outcome }
        // A byte more than there may be, so that it is seen.
        var rest = Array(bytes.prefix(Self.mostBytes + 1 - count))[...]
        while let byte = rest.first, case .needMore = outcome {
            let used = left == 0 ? 1 : min(left, rest.count)
            outcome = left == 0 ? takeHeader(byte) : takeFragment(rest.prefix(used))
            rest = rest.dropFirst(used)
            count += used
            if count > Self.mostBytes, case .needMore = outcome { outcome = .tooLarge }
        }
        return outcome
    }

    /// Looks at each byte of a header as it comes: what isn't TLS needn't send five of them to be told so.
    private mutating func takeHeader(_ byte: UInt8) -> Outcome {
        let isFirst = message.isEmpty
        switch header.count {
        case 0 where byte != Self.handshake: return isFirst ? .notTLS : .malformed
        case 1 where byte != 3: return isFirst ? .notTLS : .malformed
        case 2 where byte > 4: return isFirst ? .notTLS : .malformed
        default: break
        }
        header.append(byte)
        guard header.count == Self.headerSize else { return .needMore }
        left = Int(header[3]) << 8 | Int(header[4])
        header.removeAll(keepingCapacity: true)
        // Records of the handshake aren't empty and hold 2^14 bytes at most.
        return (1...(1 << 14)).contains(left) ? .needMore : .malformed
    }

    private mutating func takeFragment(_ bytes: ArraySlice<UInt8>) -> Outcome {
        left -= bytes.count
        message += bytes
        guard message[0] == Self.clientHello else { return .malformed }
        guard message.count >= 4 else { return .needMore }
        let length = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
        if length > Self.mostBytes { return .tooLarge }
        guard message.count >= 4 + length else { return .needMore }
        return ClientHello(message: message[4..<(4 + length)]).map { .hello($0) } ?? .malformed
    }
}
