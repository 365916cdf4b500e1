internal import Fuzzer
internal import Network

/// What the supervisor and the door tell each other: the door is the one that reads hostile bytes, so what it sends is
/// no more to be believed.
@main
enum FuzzDoor {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            FuzzDoor.checkMessage(bytes)
            FuzzDoor.checkSettings(bytes)
            return 0
        }
    }

    /// Understood as a whole or not at all, within its bounds, and what was understood can be said again.
    private static func checkMessage(_ bytes: [UInt8]) {
        guard let message = DoorMessage(encoded: bytes) else { return }
        let again = message.encoded
        Fuzzer.check(DoorMessage(encoded: again) == message, "\(message) isn't what was sent")
        Fuzzer.check(again.count <= bytes.count, "it grew from \(bytes.count) to \(again.count) bytes")
        Fuzzer.check(DoorMessage(encoded: bytes + [0]) == nil, "a rest was left out")
        Fuzzer.check(DoorMessage(encoded: bytes.dropLast()) == nil, "a part was enough")
        guard case .event(_, let event) = message else { return }
        Fuzzer.check(again.count <= DoorMessage.mostEventBytes, "an event of \(again.count) bytes")
        Fuzzer.check(
            event.host.count <= DoorMessage.mostNameBytes
                && event.serverName.count <= DoorMessage.mostNameBytes,
            "a name that is too long")
    }

    private static func checkSettings(_ bytes: [UInt8]) {
        guard let settings = DoorSettings(encoded: bytes) else { return }
        Fuzzer.check(DoorSettings(encoded: settings.encoded) == settings, "other settings")
        Fuzzer.check(settings.encoded.count <= bytes.count, "they grew")
        Fuzzer.check(DoorSettings(encoded: bytes + [0]) == nil, "a rest was left out")
        Fuzzer.check(DoorSettings(encoded: Array(bytes.dropLast())) == nil, "a part was enough")
    }
}
