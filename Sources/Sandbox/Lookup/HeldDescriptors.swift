internal import Linux

/// O_PATH descriptors that stay open until the sandbox is built.
///
/// An inode number is given to another file once the last holder of a deleted one is gone; as long as
/// these are held, an equal (device, inode) pair after the clone means the same file.
final class HeldDescriptors {
    private var numbers: [Int32] = []

    func hold(_ descriptor: consuming FileDescriptor) -> Int32 {
        let number = descriptor.release()
        numbers.append(number)
        return number
    }

    deinit {
        for number in numbers { _ = FileDescriptor(owning: number) }
    }
}
