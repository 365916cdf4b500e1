internal import Fuzzer
@testable internal import Linux
@testable internal import Supervisor

/// What a notification brings in: the kernel's structure, and what the caller's registers point to, which the
/// caller writes.
@main
enum FuzzNotification {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            FuzzNotification.checkStructure(bytes)
            FuzzNotification.checkAddress(bytes)
            FuzzNotification.checkStatus(bytes)
            FuzzNotification.checkPath(bytes)
            FuzzNotification.checkProgram(bytes)
            return 0
        }
    }

    /// Every word has one place, and a structure that is longer than known says the same.
    private static func checkStructure(_ bytes: [UInt8]) {
        let words = stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
            (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << ($1 * 8) }
        }
        let notification = SeccompListener.Notification(words)
        Fuzzer.check((notification != nil) == (words.count >= 10), "\(words.count) words")
        guard let notification else { return }
        Fuzzer.check(notification == SeccompListener.Notification(words + [7]), "longer isn't the same")
        Fuzzer.check(notification.arguments == Array(words[4..<10]), "arguments from elsewhere")
        _ = CallNotifications.subject("socket", notification.arguments)
    }

    /// A path is a piece of the address, without NUL.
    private static func checkAddress(_ bytes: [UInt8]) {
        guard let path = SocketAddress.path(bytes) else { return }
        Fuzzer.check(!path.isEmpty && !path.contains(0), "not a path")
        Fuzzer.check(path.count <= SocketAddress.longest - 2, "longer than an address")
        Fuzzer.check(bytes[2...].starts(with: path), "not what stands there")
    }

    /// What /proc says of a process is read or not, and arguments are read within their bounds from memory that
    /// repeats the input everywhere, pointers into it included.
    private static func checkProgram(_ bytes: [UInt8]) {
        if let facts = ProcessFacts(bytes) {
            Fuzzer.check(facts.process > 0 && facts.hostProcess > 0, "no number")
            Fuzzer.check((facts.peakMemory ?? 0) >= 0, "less than no memory")
        }
        if let image = ProcessImage(bytes) { Fuzzer.check(image.places.count == 3, "\(image.places)") }
        var reads = 0
        var reader = ArgumentReader { address, count in
            reads += 1
            if bytes.isEmpty || address % 7 == 6 { return [] }
            let start = Int(address % UInt64(bytes.count))
            return Array(bytes[start...].prefix(count))
        }
        let arguments = reader.arguments(at: 8)
        Fuzzer.check(arguments.count <= ArgumentReader.mostArguments, "\(arguments.count) arguments")
        Fuzzer.check(arguments.reduce(0) { $0 + $1.count } <= ArgumentReader.mostBytes, "too many bytes")
        Fuzzer.check(arguments.allSatisfy { !$0.contains(0) }, "a NUL in an argument")
        Fuzzer.check(reads <= 2 * (ArgumentReader.mostArguments + ArgumentReader.mostBytes), "\(reads) reads")
    }

    private static func checkStatus(_ bytes: [UInt8]) {
        if let words = Caller.field("NSpid:", of: bytes) {
            Fuzzer.check(words.allSatisfy { !$0.isEmpty }, "an empty number")
        }
        let table = MountTable(bytes)
        Fuzzer.check(table.mounts.allSatisfy { $0.point.bytes.first == UInt8(ascii: "/") }, "a mount nowhere")
    }

    /// In a file system that the input makes: it ends, asks a bounded number of times, and gives a place without
    /// links that the same look-ups confirm.
    private static func checkPath(_ bytes: [UInt8]) {
        let parts = Fuzzer.parts(bytes, count: 9, at: UInt8(ascii: "\n"))
        let model = ModelTree(parts[1...])
        var questions = 0
        let follows = bytes.count % 2 == 0
        let end = PathWalk.find(parts[0], from: .root.appending("a"), follow: follows) { path in
            questions += 1
            return model.look(at: path)
        }
        Fuzzer.check(questions <= 45 * 4097, "\(questions) questions")
        guard let end else { return }
        // Where the way itself is missing, nothing can be done at the end of it either.
        if end.lacksParent { return }
        let reference = ModelWalk(model).find(parts[0], follows: follows)
        Fuzzer.check(end.path == reference, "\(end.path) isn't \(String(describing: reference))")
        var above = end.path.parent
        while let directory = above {
            if case .link = model.look(at: directory) { fatalError("a link in \(end.path)") }
            above = directory.parent
        }
    }
}
