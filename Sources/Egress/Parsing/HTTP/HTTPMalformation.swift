internal import Network

/// What makes a message other than HTTP/1 as RFC 9112 writes it, or one that two readers could take for two.
///
/// There is no leniency: what a server might read otherwise than the door did would reach a host or begin a request
/// that nobody decided about.
enum HTTPMalformation: Error, Hashable, Sendable, CaseIterable {
    // Lines
    case lineEnding, control, tooLarge, requestLine, version, http2, statusLine
    // Fields
    case fieldName, whiteSpaceBeforeColon, foldedField
    // Whom it is for
    case method, target, scheme, connectPort, connectToOrigin, originFormAtProxy, hostMissing, hostTwice, host
    // Where it ends
    case length, lengthTwice, lengthAndCoding, coding, codingInOldVersion, connectionField
    case chunk, chunkExtension, trailer
    // Answers
    case unaskedUpgrade, tooManyInterim, endedEarly

    /// What it counts as in a record.
    var reason: NetworkReason {
        switch self {
        case .tooLarge: .tooLarge
        case .host, .connectPort: .malformedHost
        default: .malformedRequest
        }
    }

    /// The sentence about it, without its full stop.
    var sentence: String {
        switch self {
        case .lineEnding: "a line doesn't end with CR LF"
        case .control: "there is a control character in it"
        case .tooLarge: "it is too long"
        case .requestLine: "the first line isn't `METHOD TARGET HTTP/1.1`"
        case .version: "the version isn't HTTP/1.0 or HTTP/1.1"
        case .http2: "it is HTTP/2, which is only relayed within TLS"
        case .statusLine: "the first line isn't `HTTP/1.1 STATUS REASON`"
        case .fieldName: "a line of the head isn't `NAME: VALUE`"
        case .whiteSpaceBeforeColon: "white space stands before a colon"
        case .foldedField: "a field is continued on a second line"
        case .method: "the method isn't one"
        case .target: "the target isn't one of a request"
        case .scheme: "only http:// is asked for like this; https:// takes CONNECT"
        case .connectPort: "CONNECT takes a host and a port of 1 to 65535, HOST:PORT"
        case .connectToOrigin: "CONNECT is for proxies"
        case .originFormAtProxy: "this is a proxy, which takes CONNECT HOST:PORT and http://HOST/PATH"
        case .hostMissing: "there is no Host"
        case .hostTwice: "there is more than one Host"
        case .host: "the host isn't a name or an address"
        case .length: "Content-Length isn't a number"
        case .lengthTwice: "there is more than one Content-Length"
        case .lengthAndCoding: "there are both Content-Length and Transfer-Encoding"
        case .coding: "Transfer-Encoding isn't `chunked` alone"
        case .codingInOldVersion: "there is a Transfer-Encoding in HTTP/1.0"
        case .connectionField: "Connection names a field that says where the message ends or whom it is for"
        case .chunk: "a chunk isn't one"
        case .chunkExtension: "the extension of a chunk is too long"
        case .trailer: "there is a field behind the chunks that has no place there"
        case .unaskedUpgrade: "it changes to another protocol, which wasn't asked for"
        case .tooManyInterim: "there are too many interim answers"
        case .endedEarly: "the connection ended before the answer was whole"
        }
    }
}
