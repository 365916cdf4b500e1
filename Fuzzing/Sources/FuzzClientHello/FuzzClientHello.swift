@testable internal import Egress
internal import Fuzzer
internal import Network

/// What a program sends first where TLS is due: the first byte says in which pieces.
@main
enum FuzzClientHello {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            FuzzClientHello.check(Array(bytes.dropFirst()), piece: Int(bytes.first ?? 0) % 17 + 1)
            // The inside of a hello, which the checks of records would keep most inputs from.
            FuzzClientHello.check(FuzzClientHello.record(bytes), piece: 1 << 14)
            return 0
        }
    }

    private static func record(_ body: [UInt8]) -> [UInt8] {
        let count = body.count
        let message = [1, UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255)] + body
        return [22, 3, 1, UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    }

    private static func outcome(_ bytes: [UInt8], piece: Int) -> ClientHelloReader.Outcome {
        var reader = ClientHelloReader()
        var outcome = ClientHelloReader.Outcome.needMore
        var rest = bytes[...]
        while !rest.isEmpty {
            outcome = reader.read(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
        return outcome
    }

    /// The same in any pieces, settled by its first bytes and by nothing behind them, and with no other name in it.
    private static func check(_ bytes: [UInt8], piece: Int) {
        let outcome = outcome(bytes, piece: piece)
        Fuzzer.check(outcome == Self.outcome(bytes, piece: bytes.count + 1), "it mattered how bytes came")
        if outcome != .needMore {
            Fuzzer.check(Self.outcome(bytes + [22, 3, 1], piece: piece) == outcome, "what follows mattered")
        }
        let half = Self.outcome(Array(bytes.prefix(bytes.count / 2)), piece: piece)
        Fuzzer.check(half == .needMore || half == outcome, "\(half) became \(outcome)")
        Fuzzer.check(
            outcome == .needMore || FirstBytes.classify(bytes[...]) == .tls || outcome == .notTLS
                || bytes.first != 0x16 || bytes.count < 2 || bytes[1] != 3, "TLS wasn't recognised")
        guard case .hello(let hello) = outcome else { return }
        let names = LenientHello.names(bytes)
        Fuzzer.check(names == (hello.serverName.map { [$0] } ?? []), "\(names) isn't \(hello)")
        if let name = hello.name {
            Fuzzer.check(
                String(decoding: hello.serverName ?? [], as: UTF8.self).lowercased().hasPrefix(name.text),
                "another name")
        }
    }
}
