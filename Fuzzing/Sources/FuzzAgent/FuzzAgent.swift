internal import Fuzzer
internal import Linux
@testable internal import Sandbox

/// A command as an agent hands it over, the record of its set-up, and JSON of its settings and hooks: what is taken from
/// a command is of one form and nothing else, a record is read as it is written, and the values of a JSON text stand
/// where they are said to stand.
@main
enum FuzzAgent {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            switch bytes.first {
            case UInt8(ascii: "R"): FuzzAgent.checkRecord(Array(bytes.dropFirst()))
            case UInt8(ascii: "J"): FuzzAgent.checkJSON(Array(bytes.dropFirst()))
            case UInt8(ascii: "D"): FuzzAgent.checkDirectory(Array(bytes.dropFirst()))
            default: FuzzAgent.checkCommand(bytes)
            }
            return 0
        }
    }

    private static let temporary = AbsolutePath.root.appending("var").appending("t")
    private static let snapshots = AbsolutePath.root.appending("s")

    private static func checkCommand(_ bytes: [UInt8]) {
        let parts = AgentString(bytes, snapshots: snapshots, temporary: [temporary])
        if let snapshot = parts.snapshot {
            Fuzzer.check(snapshot.parent == snapshots, "\(snapshot) lies elsewhere")
            Fuzzer.check(
                snapshot.lastComponent.suffix(3).elementsEqual(".sh".utf8), "\(snapshot) is no snapshot")
        }
        guard let file = parts.directoryFile else {
            return Fuzzer.check(parts.text == bytes, "a command without a file was changed")
        }
        Fuzzer.check(file.parent == temporary, "\(file) lies elsewhere")
        let name = String(decoding: file.lastComponent, as: UTF8.self)
        Fuzzer.check(name.hasPrefix("claude-") && name.hasSuffix("-cwd"), "\(file) has another name")
        let end = Array("&& pwd -P >| /tmp/\(name)".utf8)
        Fuzzer.check(parts.text.suffix(end.count).elementsEqual(end), "another end")
        let before = parts.text.dropLast("/tmp/\(name)".utf8.count)
        Fuzzer.check(bytes.starts(with: before), "more than the file's directory was changed")
    }

    private static func checkRecord(_ bytes: [UInt8]) {
        guard let record = AgentRecord(bytes) else { return }
        guard let written = record.bytes, let again = AgentRecord(written) else {
            return Fuzzer.check(false, "a record can't be written")
        }
        Fuzzer.check(again == record, "a record is read as another")
    }

    private static func checkDirectory(_ bytes: [UInt8]) {
        guard let path = AgentString.directory(bytes, in: temporary) else { return }
        Fuzzer.check(temporary.contains(path), "\(path) lies elsewhere")
        Fuzzer.check(
            bytes.starts(with: path.bytes) && bytes.count <= path.bytes.count + 1, "not what stood there")
    }

    private static func checkJSON(_ bytes: [UInt8]) {
        guard let tree = try? JSONTree(bytes) else { return }
        check(tree.root, bytes, in: 0..<bytes.count)
    }

    /// A value by itself is the same value, and lies in the one around it.
    private static func check(_ value: JSONTree.Value, _ bytes: [UInt8], in outer: Range<Int>) {
        Fuzzer.check(
            outer.lowerBound <= value.range.lowerBound && value.range.upperBound <= outer.upperBound,
            "outside")
        let alone = try? JSONTree(Array(bytes[value.range])).root
        Fuzzer.check(
            alone?.text == value.text && alone?.members?.count == value.members?.count, "another value")
        for member in value.members ?? [] { check(member.value, bytes, in: value.range) }
        for element in value.elements ?? [] { check(element, bytes, in: value.range) }
    }
}
