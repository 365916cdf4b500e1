/// The head of a response, read strictly.
struct ResponseHead: Hashable, Sendable {
    /// The version.
    var version: HTTPVersion
    /// The status, 100 to 599.
    var status: Int
    /// What follows the status.
    var phrase: [UInt8]
    /// The fields.
    var fields: HTTPFields

    /// Reads a head.
    init(_ lines: [ArraySlice<UInt8>]) throws(HTTPMalformation) {
        guard let first = lines.first else { throw .statusLine }
        let words = first.split(separator: .space, maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, words[1].count == 3, words[1].allSatisfy(\.isDigit) else { throw .statusLine }
        do { version = try HTTPVersion(words[0]) } catch { throw .statusLine }
        status = words[1].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard (100...599).contains(status) else { throw .statusLine }
        phrase = words.count == 3 ? Array(words[2]) : []
        fields = try HTTPFields(lines: lines.dropFirst())
    }

    /// Whether another response follows.
    var isInterim: Bool { status / 100 == 1 && status != 101 }

    /// Whether the server takes further requests on this connection.
    var persists: Bool {
        version == .v11 && !fields.members(of: "connection").contains { $0.isSame(as: "close") }
    }

    /// Whether it changes to the protocol that was asked for.
    var isWebSocket: Bool {
        status == 101 && version == .v11 && fields.members(of: "upgrade") == [Array("websocket".utf8)]
            && fields.members(of: "connection").contains { $0.isSame(as: "upgrade") }
    }

    /// Where the body of a response ends (RFC 9112, 6.3).
    ///
    /// The fields are read also where there is no body: a message that says two things is none.
    func length(of request: RequestHead) throws(HTTPMalformation) -> BodyLength {
        let length = try fields.framing(version: version)
        if request.isHead || status / 100 == 1 || status == 204 || status == 304 { return .none }
        // A client of 1.0 doesn't know of chunks.
        if length == .chunked, request.version == .v10 { throw .codingInOldVersion }
        return length ?? .untilEnd
    }

    /// The head as it is sent on.
    func forwarded(length: BodyLength, closes: Bool) throws(HTTPMalformation) -> [UInt8] {
        var head = Array("\(version.text) \(status) ".utf8)
        head += phrase
        head += "\r\n".utf8
        var kept = try fields.forwarded()
        if status / 100 == 1 || status == 204 {
            // A length doesn't belong here (RFC 9110, 8.6), and some client might wait for what it announces.
            kept.list.removeAll { $0.name.isSame(as: "content-length") }
        }
        kept.append(to: &head)
        if length == .chunked { head += "Transfer-Encoding: chunked\r\n".utf8 }
        if status == 101 {
            head += "Connection: Upgrade\r\nUpgrade: websocket\r\n".utf8
        } else if closes, !isInterim {
            head += "Connection: close\r\n".utf8
        }
        head += "\r\n".utf8
        return head
    }
}
