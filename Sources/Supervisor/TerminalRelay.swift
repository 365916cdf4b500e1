internal import Linux
internal import Sandbox

/// Carries bytes between the caller's terminal and the one inside, and keeps the caller's usable.
struct TerminalRelay: ~Copyable {
    /// The caller's terminal, opened anew so that not waiting on it is our own business and not that of
    /// every process that shares the descriptor.
    private let host: FileDescriptor
    private let readsInput: Bool
    private var inside: FileDescriptor?
    private let original: Terminal.Settings?
    private(set) var isRaised = false
    private var inputEnded = false
    private var outputEnded = false
    private var input = ByteQueue()
    private var output = ByteQueue()

    /// Opens the terminal that stands on one of descriptors 0 to 2.
    init(_ descriptors: StandardDescriptors) throws(Errno) {
        let handling = descriptors.handling
        readsInput = handling[0] == .terminal
        let number = Int32(handling.firstIndex(of: .terminal) ?? 0)
        host = try Files.open(
            CString("/proc/self/fd/\(number)"),
            [.readWrite, .nonBlocking, .noControllingTerminal, .closeOnExec])
        original = try? Terminal.settings(of: number)
    }

    /// Takes the other side of the terminal inside.
    mutating func connect(_ master: consuming FileDescriptor) {
        inside = consume master
        guard let number = insideNumber else { return }
        _ = try? Files.setNonBlocking(number)
        resize()
    }

    private var insideNumber: Int32? {
        switch inside {
        case .some(let descriptor): descriptor.number
        case .none: nil
        }
    }

    /// Whether this process may read the caller's terminal and change its settings: a change from the
    /// background would stop it (SIGTTOU).
    private var isForeground: Bool {
        (try? Terminal.foreground(of: host.number)) == Processes.group()
    }

    /// Hands the size of the caller's window on.
    func resize() {
        guard let insideNumber, let size = try? Terminal.size(of: host.number) else { return }
        try? Terminal.setSize(size, of: insideNumber)
    }

    /// Lets every key through to the terminal inside, which then makes signals and lines of them.
    mutating func raise() {
        guard readsInput, isForeground, let original, !isRaised else { return }
        if (try? Terminal.set(original.raised, of: host.number)) != nil { isRaised = true }
    }

    /// Gives the caller's terminal its settings back.
    mutating func restore() {
        guard isRaised, let original else { return }
        try? Terminal.set(original, of: host.number)
        isRaised = false
    }

    /// The two entries to wait for: the caller's terminal and the one inside.
    ///
    /// A side is only read when what was read before has been written, so that no more than one piece is
    /// ever held.
    func entries() -> [Poll.Entry] {
        guard let insideNumber else { return [Poll.Entry(-1, []), Poll.Entry(-1, [])] }
        var hostEvents: Poll.Events = []
        var insideEvents: Poll.Events = []
        if isRaised, !inputEnded, input.isEmpty { hostEvents.insert(.readable) }
        if !output.isEmpty { hostEvents.insert(.writable) }
        if !outputEnded, output.isEmpty { insideEvents.insert(.readable) }
        if !input.isEmpty { insideEvents.insert(.writable) }
        return [
            Poll.Entry(hostEvents.isEmpty ? -1 : host.number, hostEvents),
            Poll.Entry(insideEvents.isEmpty ? -1 : insideNumber, insideEvents),
        ]
    }

    /// Moves what can be moved.
    mutating func move(host hostEvents: Poll.Events, inside insideEvents: Poll.Events) {
        guard let insideNumber else { return }
        let broken: Poll.Events = [.failed, .hungUp]
        if hostEvents.contains(.readable), !input.fill(from: host.number) { inputEnded = true }
        if hostEvents.contains(.writable) { _ = output.drain(to: host.number) }
        if !hostEvents.isDisjoint(with: broken) {
            inputEnded = true
            output.clear()
        }
        if insideEvents.contains(.readable) {
            if !output.fill(from: insideNumber) { outputEnded = true }
            if !output.isEmpty { _ = output.drain(to: host.number) }
        } else if !insideEvents.isDisjoint(with: broken) {
            outputEnded = true
        }
        if insideEvents.contains(.writable) { _ = input.drain(to: insideNumber) }
    }

    /// Writes what the command has left in its terminal so far.
    mutating func flush() {
        guard let insideNumber else { return }
        // What one terminal can hold, and a host terminal that is held back (Ctrl-S) can't keep us.
        for _ in 0..<64 {
            if output.isEmpty {
                guard !outputEnded, output.fill(from: insideNumber), !output.isEmpty else { return }
            }
            var entries = [Poll.Entry(host.number, .writable)]
            guard (try? Poll.wait(&entries, nanoseconds: 1_000_000_000)) == 1 else { return }
            guard output.drain(to: host.number) else { return }
        }
    }
}
