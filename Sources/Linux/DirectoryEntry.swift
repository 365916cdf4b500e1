/// One name in a directory.
public struct DirectoryEntry: Hashable, Sendable {
    /// The name, one path component.
    public let name: [UInt8]
    /// The kind, or nil where the file system doesn't tell it.
    public let kind: FileStatus.Kind?

    /// Reads the records that getdents64(2) wrote; a record that doesn't fit ends the reading.
    static func parse(_ buffer: ArraySlice<UInt8>, into found: inout [DirectoryEntry]) {
        let header = 19
        var rest = buffer
        while rest.count > header {
            let start = rest.startIndex
            let length = Int(rest[start + 16]) | Int(rest[start + 17]) << 8
            guard length > header, length <= rest.count else { return }
            let name = rest[(start + header)..<(start + length)].prefix { $0 != 0 }
            if AbsolutePath.isComponent(name) {
                found.append(DirectoryEntry(name: Array(name), kind: kind(rest[start + 18])))
            }
            rest = rest.dropFirst(length)
        }
    }

    /// How many records getdents64(2) wrote, those of `.` and `..` among them.
    static func count(in buffer: ArraySlice<UInt8>) -> Int {
        let header = 19
        var rest = buffer
        var count = 0
        while rest.count > header {
            let start = rest.startIndex
            let length = Int(rest[start + 16]) | Int(rest[start + 17]) << 8
            guard length > header, length <= rest.count else { return count }
            count += 1
            rest = rest.dropFirst(length)
        }
        return count
    }

    private static func kind(_ type: UInt8) -> FileStatus.Kind? {
        switch type {
        case 1: .pipe
        case 2: .characterDevice
        case 4: .directory
        case 6: .blockDevice
        case 8: .regular
        case 10: .symbolicLink
        case 12: .socket
        default: nil
        }
    }
}
