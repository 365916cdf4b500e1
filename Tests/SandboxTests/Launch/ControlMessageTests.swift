import Testing

@testable import Sandbox

@Suite("What init and the supervisor tell each other survives the way, and nothing else is understood")
struct ControlMessageTests {
    @Test(
        "Each message comes back as it was",
        arguments: [
            ControlMessage.terminal, .failed(operation: 70_000, errno: 13), .notExecuted(errno: 2),
            .started(process: 2),
            .stopped(signal: 20), .ended(status: 0x7f00), .ended(status: -1), .signal(15),
            .skeleton, .scratch, .processes, .listener, .proceed, .usage(peakMemory: 9),
            .unlistened(errno: 16), .network(packets: 1, diagnosis: 93), .built, .end,
        ])
    func roundTrip(_ message: ControlMessage) {
        #expect(message.bytes.count == ControlMessage.size)
        #expect(ControlMessage(message.bytes) == message)
    }

    @Test("Packets of another length or an unknown kind are nothing")
    func nonsense() {
        #expect(ControlMessage([]) == nil)
        #expect(ControlMessage(ControlMessage.started(process: 2).bytes + [0]) == nil)
        #expect(ControlMessage(Array(ControlMessage.started(process: 2).bytes.dropLast())) == nil)
        #expect(ControlMessage([UInt8](repeating: 0xff, count: ControlMessage.size)) == nil)
        #expect(ControlMessage([UInt8](repeating: 0, count: ControlMessage.size)) == nil)
    }
}
