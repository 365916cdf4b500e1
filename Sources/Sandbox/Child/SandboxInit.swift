internal import Linux

/// The first process of the sandbox: it starts the command, reaps what is left over, hands signals on and
/// takes everything down at the end.
///
/// It is under the same walls as the command, can't be looked into, and holds nothing but the socket to the
/// supervisor, a signal descriptor and the terminal.
struct SandboxInit {
    let control: Int32
    /// A descriptor for SIGCHLD.
    let signals: Int32
    let payload: Payload
    private var main: Int32 = 0

    /// From the end of the command to the kill of what still runs.
    private static let grace: Int64 = 2_000_000_000

    init(control: Int32, signals: Int32, payload: Payload) {
        self.control = control
        self.signals = signals
        self.payload = payload
    }

    /// Starts the command and stays until it and all that came from it have ended.
    mutating func run() throws(Errno) {
        guard try start() else { return }
        var entries = [Poll.Entry(signals, .readable), Poll.Entry(control, .readable)]
        while true {
            try Poll.wait(&entries, nanoseconds: nil)
            if entries[0].returned.contains(.readable) {
                _ = Signals.read(signals)
                if try reap() { return }
            }
            if !entries[1].returned.isEmpty, try !obey() { return }
        }
    }

    /// Forks and waits until the program has been loaded.
    ///
    /// The other end of the pipe is closed by a successful execve(2); an errno in it means that it failed.
    private mutating func start() throws(Errno) -> Bool {
        let pipe = try Files.pipe()
        main = try Processes.fork()
        if main == 0 {
            let failure = payload.run()
            _ = try? Files.write(pipe.second.number, failure.bytes[...])
            Processes.exitNow(127)
        }
        let reader = pipe.keepingFirst()
        let answer = try Files.read(reader.number, atMost: PayloadFailure.size)
        if !answer.isEmpty {
            guard let failure = PayloadFailure(answer) else { throw .inputOutput }
            guard failure.isOfExecution else { throw failure.errno }
            try send(.notExecuted(errno: failure.errno.code))
            return false
        }
        try send(.started)
        // From here on nothing but the socket and the signals is open in this process.
        try Files.closeAll(except: [control, signals])
        return true
    }

    private func send(_ message: ControlMessage) throws(Errno) {
        try Sockets.send(message.bytes, to: control)
    }

    /// Takes every child that changed; true when the command has ended and everything is over.
    private func reap() throws(Errno) -> Bool {
        while true {
            let change: Processes.Change?
            do throws(Errno) {
                change = try Processes.reap(stops: true)
            } catch {
                // No child at all: the command's own end was seen before, or it can't be seen any more.
                return true
            }
            guard let change else { return false }
            if change.process != main { continue }
            if case .stopped(let signal) = change.status {
                try send(.stopped(signal: signal))
                continue
            }
            try send(.ended(status: change.status.raw))
            try endAll()
            return true
        }
    }

    /// Asks everything left to end, and returns when nothing is left or the time is over: the kernel kills
    /// what remains when this process, being the first of its namespace, ends (pid_namespaces(7)).
    private func endAll() throws(Errno) {
        guard (try? Processes.signal(-1, Signals.terminate)) != nil else { return }
        try? Processes.signal(-1, Signals.continue)
        let deadline = Clock.monotonic() + Self.grace
        while true {
            while let change = try? Processes.reap(stops: false) { _ = change }
            do throws(Errno) {
                _ = try Processes.reap(stops: false)
            } catch {
                return
            }
            let rest = deadline - Clock.monotonic()
            if rest <= 0 { return }
            var entries = [Poll.Entry(signals, .readable)]
            try Poll.wait(&entries, nanoseconds: rest)
            _ = Signals.read(signals)
        }
    }

    /// Does what the supervisor asks; false when it is gone.
    private func obey() throws(Errno) -> Bool {
        let packet = try Sockets.receive(from: control, atMost: ControlMessage.size)
        if packet.bytes.isEmpty { return false }
        if case .signal(let number)? = ControlMessage(packet.bytes) {
            // To the command's group, as a terminal would; to the command alone once it left that group.
            if (try? Processes.signal(-main, number)) == nil { try? Processes.signal(main, number) }
        }
        return true
    }
}
