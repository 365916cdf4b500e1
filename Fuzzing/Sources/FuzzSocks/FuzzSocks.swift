@testable internal import Egress
internal import Fuzzer
internal import Network

/// What a SOCKS client sends: the first byte says in which pieces.
@main
enum FuzzSocks {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            FuzzSocks.check(Array(bytes.dropFirst()), piece: Int(bytes.first ?? 0) % 17 + 1)
            return 0
        }
    }

    private struct Run: Hashable {
        var step = SocksReader.Step.needMore
        var answers: [UInt8] = []
        var unread: [UInt8] = []
    }

    private static func run(_ bytes: [UInt8], piece: Int) -> Run {
        var reader = SocksReader()
        var run = Run()
        var rest = bytes[...]
        while !rest.isEmpty {
            run.step = reader.read(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            while case .answer(let answer) = run.step {
                run.answers += answer
                run.step = reader.read([])
            }
            if case .request = run.step { break }
            if run.step == .needMore {
                // A greeting of 257 bytes, or a request of version 4 with two texts.
                Fuzzer.check(reader.unread.count <= 8 + 2 * 256, "\(reader.unread.count) bytes are kept")
            }
        }
        run.unread = reader.unread + rest
        return run
    }

    /// The same in any pieces, with everything behind the request, and for the host that stood there.
    private static func check(_ bytes: [UInt8], piece: Int) {
        let run = run(bytes, piece: piece)
        let whole = Self.run(bytes, piece: bytes.count + 1)
        Fuzzer.check(run.step == whole.step, "\(run.step) became \(whole.step)")
        Fuzzer.check(run.answers == whole.answers, "other answers")
        guard case .request(let request) = run.step else { return }
        Fuzzer.check(run.unread == whole.unread, "other bytes for the tunnel")
        Fuzzer.check(bytes.suffix(run.unread.count).elementsEqual(run.unread), "bytes from nowhere")
        Fuzzer.check(request.endpoint.port > 0, "no port")
        Fuzzer.check(
            request.answer(.granted).count == (request.version == .five ? 10 : 8),
            "an answer of another length")
        checkHost(Array(bytes.dropLast(run.unread.count)), request)
    }

    /// Where the client's own writing of the host has to stand, counted from the end.
    private static func checkHost(_ used: [UInt8], _ request: SocksRequest) {
        let text: ArraySlice<UInt8>
        switch request.version {
        case .five:
            let end = used.count - 2
            let port = UInt16(used[end]) << 8 | UInt16(used[end + 1])
            Fuzzer.check(port == request.endpoint.port, "another port")
            text = used[..<end]
        case .four:
            Fuzzer.check(UInt16(used[2]) << 8 | UInt16(used[3]) == request.endpoint.port, "another port")
            text = used.last == 0 ? used.dropLast() : used[...]
        }
        guard case .name(let name) = request.endpoint.host else { return }
        let plain = text.last == UInt8(ascii: ".") ? text.dropLast() : text
        Fuzzer.check(
            String(decoding: plain.suffix(name.text.utf8.count), as: UTF8.self).lowercased() == name.text,
            "\(name) isn't what stood there")
        // The length or the NUL before it: nothing of it is left out in front.
        let before = plain.dropLast(name.text.utf8.count).last
        Fuzzer.check(
            before == (request.version == .five ? UInt8(text.count - plain.count + name.text.utf8.count) : 0),
            "\(name) is a part of what stood there")
    }
}
