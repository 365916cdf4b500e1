internal import Linux

/// Bytes on their way from one descriptor to another, at most one read's worth.
struct ByteQueue {
    /// What one read takes: enough for a screen, small enough not to matter.
    static let capacity = 16_384

    private var bytes: ArraySlice<UInt8> = []

    var isEmpty: Bool { bytes.isEmpty }

    /// Reads once; false at the end, or when the other side is gone.
    mutating func fill(from descriptor: Int32) -> Bool {
        do throws(Errno) {
            let piece = try Files.read(descriptor, atMost: Self.capacity)
            bytes = piece[...]
            return !piece.isEmpty
        } catch .again {
            return true
        } catch {
            return false
        }
    }

    /// Writes once; false when the other side is gone.
    mutating func drain(to descriptor: Int32) -> Bool {
        do throws(Errno) {
            bytes = bytes.dropFirst(try Files.write(descriptor, bytes))
            return true
        } catch .again {
            return true
        } catch {
            bytes = []
            return false
        }
    }

    /// Throws away what could not be written.
    mutating func clear() { bytes = [] }
}
