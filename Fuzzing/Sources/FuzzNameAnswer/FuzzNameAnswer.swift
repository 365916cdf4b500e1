@testable internal import Egress
internal import Fuzzer
internal import Linux

/// What a name server outside answers, which may be anybody's: it ends, within its bounds, and holds only what it says.
@main
enum FuzzNameAnswer {
    private static let questions = [RecordType.a, .aaaa].map {
        NameQuestion(name: WireName(canonical: [1, 97, 1, 98]), type: $0)
    }

    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            for question in FuzzNameAnswer.questions {
                FuzzNameAnswer.check(bytes, question)
                FuzzNameAnswer.check(FuzzNameAnswer.framed(bytes, question), question)
            }
            return 0
        }
    }

    /// The input as the records of an answer: the first byte is the code, the next two are counts.
    private static func framed(_ bytes: [UInt8], _ question: NameQuestion) -> [UInt8] {
        let head = bytes.prefix(3) + [UInt8](repeating: 0, count: max(0, 3 - bytes.count))
        var message: [UInt8] = [7, 7, 0x81, 0x80 | head[0] & 0xf, 0, 1, 0, head[1], 0, head[2], 0, 0]
        message += echo(question)
        return message + bytes.dropFirst(3)
    }

    private static func echo(_ question: NameQuestion) -> [UInt8] {
        question.name.bytes + [0, 0, UInt8(question.type.rawValue), 0, 1]
    }

    private static func check(_ message: [UInt8], _ question: NameQuestion) {
        let identifier = message.count < 2 ? 0 : UInt16(message[0]) << 8 | UInt16(message[1])
        let answer = NameAnswer.read(
            message, identifier: identifier, question: question, echo: echo(question))
        let other = NameAnswer.read(
            message, identifier: identifier &+ 1, question: question, echo: echo(question))
        Fuzzer.check(other == .foreign, "the number didn't matter")
        let elsewhere = NameQuestion(name: WireName(canonical: [1, 120]), type: question.type)
        let stolen = NameAnswer.read(message, identifier: identifier, question: elsewhere, echo: nil)
        Fuzzer.check(
            answer == .foreign || answer == .refused || stolen == .foreign, "the question didn't matter")
        switch answer {
        case .addresses(let addresses, _):
            Fuzzer.check(
                (1...NameAnswer.mostAddresses).contains(addresses.count), "\(addresses.count) addresses")
            Fuzzer.check(Set(addresses).count == addresses.count, "an address twice")
            Fuzzer.check(message[3] & 0xf == 0 && message[2] & 0x82 == 0x80, "from a failure")
            for address in addresses {
                let data = question.type == .a ? Array(address.bytes[12...]) : address.bytes
                Fuzzer.check(contains([0, UInt8(data.count)] + data, in: message), "\(address) isn't there")
            }
            let loose = NameAnswer.read(message, identifier: identifier, question: question, echo: nil)
            Fuzzer.check(loose == answer, "without the letters it is another answer")
        case .nothing(let isName, _):
            Fuzzer.check(message[3] & 0xf == (isName ? 0 : 3), "nothing for another reason")
        default: break
        }
    }

    private static func contains(_ part: [UInt8], in whole: [UInt8]) -> Bool {
        whole.count >= part.count
            && (0...(whole.count - part.count)).contains { whole[$0...].starts(with: part) }
    }
}
