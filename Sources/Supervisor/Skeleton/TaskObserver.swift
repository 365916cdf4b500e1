internal import Audit
internal import Linux

/// Tells what a thread that waits for an answer is doing.
protocol TaskObserver {
    /// Its system call; nil when it can't be told.
    func call(of thread: Int32) -> PendingCall?
    /// Who it is.
    func actor(of thread: Int32) -> AuditedProcess
    /// Memory of it, at most `count` bytes from an address on.
    func memory(of thread: Int32, at address: UInt64, count: Int) -> [UInt8]?
    /// The path of its current directory, or of one that it has open, as it sees it.
    func directory(of thread: Int32, descriptor: Int32?) -> AbsolutePath?
}

extension TaskObserver {
    /// The longest path that the kernel takes (PATH_MAX), with its NUL.
    private static var longest: Int { 4096 }
    private static var page: UInt64 { 4096 }

    /// The path that an argument of a pending call names, put together as text: links and what they lead to are
    /// not looked at.
    func path(_ argument: PathCall.PathArgument, of call: PendingCall, by thread: Int32) -> AbsolutePath? {
        guard let text = text(argument, of: call, by: thread) else { return nil }
        if text.first == UInt8(ascii: "/") { return Self.join([], text) }
        let currentDirectory = Files.currentDirectory
        let number = argument.directory.map { Int32(truncatingIfNeeded: call.arguments[$0]) }
        let descriptor = number == currentDirectory ? nil : number
        guard let base = directory(of: thread, descriptor: descriptor) else { return nil }
        return Self.join(base.components, text)
    }

    private func text(
        _ argument: PathCall.PathArgument, of call: PendingCall, by thread: Int32
    ) -> [UInt8]? {
        let address = call.arguments[argument.path]
        guard argument.isSocketAddress else { return string(at: address, of: thread) }
        // struct sockaddr_un: the family and up to 108 bytes; an address that begins with NUL is no path.
        let family: [UInt8] = [1, 0]
        let length = Int(min(call.arguments[argument.path + 1] & 0xffff_ffff, 110))
        guard let bytes = memory(of: thread, at: address, count: length), bytes.starts(with: family) else {
            return nil
        }
        let text = bytes.dropFirst(family.count).prefix { $0 != 0 }
        return text.isEmpty ? nil : Array(text)
    }

    /// Page by page, because the one behind the text may not be there.
    private func string(at address: UInt64, of thread: Int32) -> [UInt8]? {
        var text: [UInt8] = []
        while text.count < Self.longest {
            let (place, isOver) = address.addingReportingOverflow(UInt64(text.count))
            if isOver { return nil }
            let count = min(Int(Self.page - place % Self.page), Self.longest - text.count)
            guard let piece = memory(of: thread, at: place, count: count), !piece.isEmpty else { return nil }
            if let end = piece.firstIndex(of: 0) { return text + piece[..<end] }
            text += piece
        }
        return nil
    }

    private static func join(_ base: [ArraySlice<UInt8>], _ text: [UInt8]) -> AbsolutePath? {
        var components = base
        for component in text.split(separator: UInt8(ascii: "/")) {
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                _ = components.popLast()
            } else {
                components.append(component)
            }
        }
        return AbsolutePath([UInt8(ascii: "/")] + components.joined(separator: [UInt8(ascii: "/")]))
    }
}
