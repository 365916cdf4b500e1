internal import Linux

/// O_PATH descriptors that stay open until the sandbox is built.
///
/// An inode number is given to another file once the last holder of a deleted one is gone; as long as
/// these are held, an equal (device, inode) pair after the clone means the same file.
final class HeldPlaces: Sendable {
    private let numbers: [Int32]

    init(_ numbers: [Int32]) {
        self.numbers = numbers
    }

    deinit {
        for number in numbers { _ = FileDescriptor(owning: number) }
    }
}
