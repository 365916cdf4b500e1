internal import Linux

/// The nodes that came into being because somebody asked for them: what the host has outside the view and can be
/// walked through.
///
/// It never holds more than a set number of them, and of bytes: whoever asks for more gets none.
struct PhantomTable {
    /// One of them.
    struct Phantom: Equatable {
        let number: UInt64
        let path: AbsolutePath
        /// The text of a link; nil for a directory.
        let target: [UInt8]?
        /// Whether a mask is why it isn't in the view.
        let isMasked: Bool
        /// How many answers the kernel has that name it.
        fileprivate(set) var answers: UInt64 = 0
    }

    private var phantoms: [UInt64: Phantom] = [:]
    private var numbers: [AbsolutePath: UInt64] = [:]
    private var next: UInt64
    private var size = 0
    private let mostNodes: Int
    private let mostBytes: Int

    /// A table whose numbers begin at `first`; none is used twice.
    init(first: UInt64, mostNodes: Int = 65_536, mostBytes: Int = 8 << 20) {
        next = first
        self.mostNodes = mostNodes
        self.mostBytes = mostBytes
    }

    var count: Int { phantoms.count }

    subscript(number: UInt64) -> Phantom? { phantoms[number] }

    /// The number of what lies at a path, which the kernel is about to be told.
    ///
    /// - Returns: nil when the table is full.
    mutating func number(at path: AbsolutePath, target: [UInt8]?, isMasked: Bool) -> UInt64? {
        if let number = numbers[path], phantoms[number]?.target == target {
            phantoms[number]?.answers += 1
            return number
        }
        // What was there before keeps its number until the kernel lets go of it.
        let phantom = Phantom(number: next, path: path, target: target, isMasked: isMasked, answers: 1)
        let length = Self.size(of: phantom)
        guard phantoms.count < mostNodes, size + length <= mostBytes else { return nil }
        let number = next
        next += 1
        size += length
        phantoms[number] = phantom
        numbers[path] = number
        return number
    }

    /// The kernel let go of some answers.
    mutating func forget(_ number: UInt64, _ count: UInt64) {
        guard let phantom = phantoms[number] else { return }
        if phantom.answers > count {
            phantoms[number]?.answers -= count
            return
        }
        size -= Self.size(of: phantom)
        phantoms[number] = nil
        if numbers[phantom.path] == number { numbers[phantom.path] = nil }
    }

    private static func size(of phantom: Phantom) -> Int {
        phantom.path.bytes.count + (phantom.target?.count ?? 0)
    }
}
