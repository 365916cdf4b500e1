internal import Linux
internal import Network

/// What a program's question is answered, without any socket: bytes in, bytes out.
///
/// Nothing of a question ever leaves. A name that is allowed has its synthetic address whether or not it exists outside;
/// every other one doesn't exist.
struct NameResponder {
    /// A question that isn't granted; the answer waits until that is recorded.
    struct Denial: Hashable, Sendable {
        /// The name, as a person reads it.
        var host: [UInt8]
        var type: RecordType
        var reason: NetworkReason
        var rule: RuleReference?
    }

    /// What becomes of a message.
    enum Response: Sendable {
        case nothing
        case reply([UInt8])
        case denial([UInt8], Denial)
    }

    /// Answers one message.
    static func respond(
        to message: [UInt8], decision: NetworkDecision, addresses: inout SyntheticAddresses
    ) -> Response {
        switch NameQuery.read(message) {
        case .nothing: return .nothing
        case .refusal(let identifier, let operation, let code):
            return .reply(NameReply.message(identifier: identifier, operation: operation, code))
        case .query(let query):
            if let extended = query.extended, extended.version != 0 {
                return .reply(NameReply.failure(.badVersion).message(to: query))
            }
            // ANY as a class, CHAOS (version.bind), HESIOD: no such data here.
            guard query.question.classNumber == NameQuestion.internet else {
                return .reply(NameReply.failure(.refused).message(to: query))
            }
            let (reply, denial) = answer(query.question, decision: decision, addresses: &addresses)
            let bytes = reply.message(to: query)
            return denial.map { .denial(bytes, $0) } ?? .reply(bytes)
        }
    }

    private static func answer(
        _ question: NameQuestion, decision: NetworkDecision, addresses: inout SyntheticAddresses
    ) -> (NameReply, Denial?) {
        if let reply = own(question) { return (reply, nil) }
        if let number = ReverseName(question.name) {
            return (reverse(question, number, addresses), nil)
        }
        func denial(_ reason: NetworkReason, _ rule: RuleReference? = nil) -> Denial {
            Denial(host: question.name.text, type: question.type, reason: reason, rule: rule)
        }
        guard let name = question.name.domainName else { return (.noName, denial(.malformedHost)) }
        if case .denied(let reason, let rule) = decision.mayAsk(name) {
            return (.noName, denial(reason, rule))
        }
        switch question.type {
        case .a: return (addresses.address(of: name).map(NameReply.address) ?? .failure(.serverFailure), nil)
        // Every resolver asks these beside A and does without an answer. An answer to HTTPS would also bring
        // addresses, keys of encrypted hellos and HTTP/3, none of which would pass.
        case .aaaa, .https, .svcb: return (.noData, nil)
        default: return (.noData, denial(.questionType))
        }
    }

    /// Names that every resolver knows itself (RFC 6761, 6.3), and the root, which is asked to see whether anybody
    /// answers.
    private static func own(_ question: NameQuestion) -> NameReply? {
        if question.name == .root { return .noData }
        guard question.name.ends(in: ["localhost"]) else { return nil }
        switch question.type {
        case .a: return .address(IPAddress.loopback)
        case .aaaa: return .address(IPAddress(high: 0, low: 1))
        default: return .noData
        }
    }

    /// The name of an address. Whoever connects somewhere may ask for it, and nothing of a program's own stands in
    /// the question, so no record is made of it.
    private static func reverse(
        _ question: NameQuestion, _ reverse: ReverseName, _ addresses: SyntheticAddresses
    ) -> NameReply {
        let name: WireName
        if reverse.address.isLoopback {
            name = WireName(canonical: [9] + Array("localhost".utf8))
        } else if let known = addresses.name(of: reverse.address) {
            name = WireName(known)
        } else {
            return .noName
        }
        return question.type == .ptr ? .name(name) : .noData
    }
}
