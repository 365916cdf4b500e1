internal import CLinux

/// An open descriptor with one owner, closed when that owner ends.
public struct FileDescriptor: ~Copyable {
    /// The number, for calls that only borrow it.
    public let number: Int32

    /// Takes over an open descriptor.
    public init(owning number: Int32) {
        self.number = number
    }

    deinit {
        _ = mews_close(number)
    }

    /// Gives up ownership without closing.
    public consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }
}

/// The result of a shim, or its errno thrown.
@inline(__always)
func check(_ result: Int32) throws(Errno) -> Int32 {
    if result < 0 { throw Errno(-result) }
    return result
}

/// The result of a shim that returns a length, or its errno thrown.
@inline(__always)
func check(_ result: Int) throws(Errno) -> Int {
    if result < 0 { throw Errno(Int32(-result)) }
    return result
}

/// Calls again while a signal interrupts the call (signal(7)).
@inline(__always)
func retrying<Result>(_ body: () throws(Errno) -> Result) throws(Errno) -> Result {
    while true {
        do throws(Errno) {
            return try body()
        } catch {
            if error != .interrupted { throw error }
        }
    }
}

/// What a call puts into a buffer, which isn't cleared before: the call is asked again while a signal interrupts it.
func filling(_ capacity: Int, _ call: (UnsafeMutableRawPointer?) -> Int) throws(Errno) -> [UInt8] {
    var outcome = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        repeat {
            outcome = unsafe call(UnsafeMutableRawPointer(buffer.baseAddress))
        } while outcome == -Int(Errno.interrupted.code)
        count = max(0, outcome)
    }
    _ = try check(outcome)
    return bytes
}
