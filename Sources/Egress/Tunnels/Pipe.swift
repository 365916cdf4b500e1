internal import Linux

/// A pipe through which bytes of a connection are moved without coming into this process.
final class Pipe {
    let ends: DescriptorPair
    /// What it holds now.
    var filled = 0

    init(_ ends: consuming DescriptorPair) {
        self.ends = ends
    }
}

/// Pipes for the connections that move bytes at this moment.
///
/// A pipe of this size weighs on what the user's pipes may hold together (pipe(7), pipe-user-pages-soft, 64 MiB), so an
/// idle connection has none, and there are never more than that bears.
struct PipePool {
    /// What is asked for: a full TCP window in one go. Less is slower, more isn't faster.
    static let capacity = 256 * 1024
    /// The most pipes there are.
    static let most = 128
    /// The most that are kept for later.
    private static let mostKept = 16

    /// The size below which copying is no slower.
    private static let smallest = 64 * 1024
    /// How often nobody asks again after the kernel had none to give.
    private static let passedOver = 256

    private var passOver = 0
    private var kept: [Pipe] = []
    private(set) var count = 0

    /// How many are in use.
    var lent: Int { count - kept.count }

    /// An empty pipe; nil when there are enough already, or none that would be faster than copying.
    mutating func take() -> Pipe? {
        if let pipe = kept.popLast() { return pipe }
        guard count < Self.most else { return nil }
        guard passOver == 0 else {
            passOver -= 1
            return nil
        }
        guard let ends = try? Files.pipe(), Self.enlarge(ends.first.number) else {
            passOver = Self.passedOver
            return nil
        }
        count += 1
        return Pipe(ends)
    }

    /// Whether a pipe has a size that is worth it: past the user's share it gets two pages.
    private static func enlarge(_ pipe: Int32) -> Bool {
        [capacity, smallest].contains { (try? Files.setPipeCapacity(pipe, $0)) != nil }
    }

    /// Takes a pipe back; one that still holds something is closed, so that nobody else gets it.
    mutating func giveBack(_ pipe: Pipe) {
        if pipe.filled == 0, kept.count < Self.mostKept {
            kept.append(pipe)
        } else {
            count -= 1
        }
    }
}
