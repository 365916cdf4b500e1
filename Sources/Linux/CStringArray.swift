/// A NULL-terminated vector of C strings, as execve(2) takes it, made before the clone.
@safe public struct CStringArray: ~Copyable {
    private let storage: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>

    /// Copies the strings.
    public init(_ strings: [CString]) {
        unsafe storage = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() {
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: string.characters.count)
            _ = unsafe copy.initialize(fromContentsOf: string.characters)
            unsafe storage[index] = copy.baseAddress
        }
        unsafe storage[strings.count] = nil
    }

    deinit {
        for index in unsafe storage.indices { unsafe storage[index]?.deallocate() }
        unsafe storage.deallocate()
    }

    /// The vector, for the time of one call.
    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Result
    ) -> Result {
        unsafe body(UnsafePointer(storage.baseAddress))
    }
}
