internal import Fuzzer
@testable internal import Linux
@testable internal import Sandbox

/// What arrives from a process inside, from the kernel about a file system, and from the host's accounts.
@main
enum FuzzMessages {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            FuzzMessages.checkMessage(bytes)
            FuzzMessages.checkEntries(bytes)
            FuzzMessages.checkAccounts(bytes)
            FuzzMessages.checkFailure(bytes)
            return 0
        }
    }

    /// A packet is understood as a whole or not at all, and what was understood can be said again.
    private static func checkMessage(_ bytes: [UInt8]) {
        guard let message = ControlMessage(bytes) else { return }
        Fuzzer.check(bytes.count == ControlMessage.size, "a packet of \(bytes.count) bytes was read")
        Fuzzer.check(ControlMessage(message.bytes) == message, "\(message) isn't what was sent")
        Fuzzer.check(message.bytes.starts(with: bytes.prefix(4)), "\(message) is of another kind")
    }

    /// Names are single components out of the buffer, and a slice's place in it doesn't matter.
    private static func checkEntries(_ bytes: [UInt8]) {
        var found: [DirectoryEntry] = []
        DirectoryEntry.parse(bytes[...], into: &found)
        Fuzzer.check(found.count <= bytes.count / 20, "more entries than there is room for")
        var rest = bytes[...]
        for entry in found {
            Fuzzer.check(AbsolutePath.isComponent(entry.name), "a name that could lead elsewhere")
            // In the order of the buffer, each after the one before it.
            guard let place = Self.find(entry.name, in: rest) else { fatalError("a name from nowhere") }
            rest = rest[(place + entry.name.count)...]
        }
        var again: [DirectoryEntry] = []
        DirectoryEntry.parse(([1, 2, 3] + bytes)[3...], into: &again)
        Fuzzer.check(again == found, "read differently at another place")
    }

    /// Why a command didn't start: two bytes, and said again the same.
    private static func checkFailure(_ bytes: [UInt8]) {
        guard let failure = PayloadFailure(bytes) else { return }
        Fuzzer.check(failure.bytes == bytes, "\(failure) isn't what was sent")
    }

    private static func find(_ name: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= name.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - name.count)).first {
            bytes[$0..<($0 + name.count)].elementsEqual(name)
        }
    }

    /// The first line that fits decides, whatever stands around it.
    private static func checkAccounts(_ bytes: [UInt8]) {
        let newline = UInt8(ascii: "\n")
        for user: UInt32 in [0, 7, 1000, .max] {
            let account = Account.find(user, in: bytes)
            let single = bytes.split(separator: newline).lazy.compactMap {
                Account.find(user, in: Array($0))
            }.first
            Fuzzer.check(account?.name == single?.name && account?.home == single?.home, "not by line")
            guard let account else { continue }
            Fuzzer.check(
                !account.name.contains(newline) && !account.name.contains(UInt8(ascii: ":")),
                "a name of two fields")
        }
    }
}
