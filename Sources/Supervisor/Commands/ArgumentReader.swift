internal import Linux

/// Reads the arguments of an execve(2) that waits, from memory that its process may change at any moment.
struct ArgumentReader {
    /// The most that is read of them: a record has room for less.
    static let mostBytes = 8192
    static let mostArguments = 2048

    /// Reads so many bytes from an address on, fewer where the next page isn't there.
    private let read: (UInt64, Int) -> [UInt8]
    /// What was read last, in which the next argument often lies.
    private var window: [UInt8] = []
    private var windowStart: UInt64 = 0
    private var room = mostBytes

    private static let windowSize = 512
    private static let pointersAtOnce = 64

    /// Reads by a function, which gives nothing where there is no memory.
    init(_ read: @escaping (UInt64, Int) -> [UInt8]) {
        self.read = read
    }

    /// The arguments at an address, as far as they can be read and there is room.
    static func arguments(of thread: Int32, at address: UInt64) -> [[UInt8]] {
        var reader = ArgumentReader { address, count in
            (try? ProcessMemory.read(process: thread, address: address, count: count)) ?? []
        }
        return reader.arguments(at: address)
    }

    mutating func arguments(at address: UInt64) -> [[UInt8]] {
        var arguments: [[UInt8]] = []
        var next = address
        // NULL is an empty list, as Linux takes it.
        while next != 0, arguments.count < Self.mostArguments {
            let bytes = read(next, Self.pointersAtOnce * 8)
            let pointers = Self.words(bytes)
            for pointer in pointers {
                guard pointer != 0, room > 0, arguments.count < Self.mostArguments,
                    let text = text(at: pointer)
                else { return arguments }
                arguments.append(text)
            }
            guard pointers.count == Self.pointersAtOnce else { break }
            let (following, overflow) = next.addingReportingOverflow(UInt64(Self.pointersAtOnce * 8))
            if overflow { break }
            next = following
        }
        return arguments
    }

    private static func words(_ bytes: [UInt8]) -> [UInt64] {
        stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
            (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64($1 * 8) }
        }
    }

    /// The text at an address up to its NUL or the end of the room; nil when it isn't there.
    private mutating func text(at address: UInt64) -> [UInt8]? {
        var text: [UInt8] = []
        var place = address
        while room > text.count {
            guard let piece = piece(at: place) else { return nil }
            if let end = piece.firstIndex(of: 0) {
                text += piece[..<end]
                break
            }
            text += piece
            let (following, overflow) = place.addingReportingOverflow(UInt64(piece.count))
            if overflow { return nil }
            place = following
        }
        if text.count > room { text.removeLast(text.count - room) }
        // An empty one takes room as well.
        room -= max(text.count, 1)
        return text
    }

    private mutating func piece(at address: UInt64) -> ArraySlice<UInt8>? {
        if address >= windowStart, address - windowStart < UInt64(window.count) {
            return window[Int(address - windowStart)...]
        }
        window = read(address, Self.windowSize)
        windowStart = address
        return window.isEmpty ? nil : window[...]
    }
}
