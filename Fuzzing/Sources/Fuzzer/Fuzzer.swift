internal import CLibFuzzer

/// Runs one property on the inputs that libFuzzer makes.
public enum Fuzzer {
    /// Takes a C function's place: libFuzzer's driver takes no closure with a context.
    public typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

    /// Hands the program over to libFuzzer, which reads the command line and ends the process on a finding.
    ///
    /// - Returns: the exit status, when the time or the number of runs is used up.
    public static func run(_ callback: Callback) -> CInt {
        var count = CommandLine.argc
        var arguments = unsafe Optional(CommandLine.unsafeArgv)
        return unsafe LLVMFuzzerRunDriver(&count, &arguments, callback)
    }

    /// Copies an input out of libFuzzer's memory.
    public static func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    /// Cuts an input at the first two occurrences of a byte that its parts don't hold, so that one input can be
    /// several texts. Always as many parts as asked for; missing ones are empty.
    public static func parts(_ bytes: [UInt8], count: Int, at separator: UInt8 = 0) -> [[UInt8]] {
        var parts = bytes.split(separator: separator, maxSplits: count - 1, omittingEmptySubsequences: false)
            .map { Array($0) }
        while parts.count < count { parts.append([]) }
        return parts
    }

    /// What has to hold; else the process ends with the words, and libFuzzer keeps the input.
    public static func check(
        _ condition: Bool, _ words: @autoclosure () -> String, file: StaticString = #file,
        line: UInt = #line
    ) {
        if !condition { fatalError(words(), file: file, line: line) }
    }
}
