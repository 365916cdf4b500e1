internal import CLinux

/// Starting a program of Mews's own beside this one.
extension Processes {
    /// A program that was started.
    public struct Started: ~Copyable {
        /// Its number.
        public let process: Int32
        /// A descriptor of it, readable when it has ended.
        public let descriptor: FileDescriptor
    }

    /// Starts a program with nothing but these descriptors: without environment, in a session of its own, so that
    /// no key of the terminal reaches it, with no signal held back; the kernel ends it when this process ends.
    ///
    /// Single-threaded callers only, as with ``clone(_:)``.
    ///
    /// - Parameters:
    ///   - program: where the program is.
    ///   - name: its first argument.
    ///   - descriptors: what it gets as descriptors 0, 1, 2 and so on; they stay open here.
    /// - Returns: the process.
    /// - Throws: when there can't be another process. What goes wrong later ends it with status 127.
    public static func start(
        _ program: CString, name: CString, descriptors: [Int32]
    ) throws(Errno) -> Started {
        let arguments = CStringArray([name])
        let environment = CStringArray([])
        switch try clone([]) {
        case .parent(let process, let descriptor):
            return Started(process: process, descriptor: descriptor)
        case .child:
            do throws(Errno) {
                try endWithParent()
                try startSession()
                try place(descriptors)
                try Signals.setIgnored(Signals.pipe, false)
                try Signals.block(Signals.Mask())
            } catch { exitNow(127) }
            _ = execute(program, arguments: arguments, environment: environment)
            exitNow(127)
        }
    }

    /// Gives descriptors the numbers from 0 on, and closes all others.
    private static func place(_ descriptors: [Int32]) throws(Errno) {
        let count = Int32(descriptors.count)
        // Out of the way of each other first.
        var copies: [Int32] = []
        for descriptor in descriptors {
            copies.append(try Files.duplicate(descriptor, from: count).release())
        }
        for (number, copy) in copies.enumerated() {
            try Files.duplicate(copy, to: Int32(number))
        }
        try Files.close(from: count)
    }
}
