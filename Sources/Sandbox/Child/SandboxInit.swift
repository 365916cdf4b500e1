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
    let reach: Reach
    private var main: Int32 = 0
    /// Where the command's process says that it failed, and where it is let go.
    private var answers: Int32 = -1
    private var release: Int32 = -1
    /// Signals that came for the command before there was one.
    private var early: [Int32] = []

    /// Whom a signal to everybody reaches.
    enum Reach {
        /// Everything in its PID namespace, which ends with it.
        case namespace
        /// Everything in its Landlock domain and in those inside (landlock(7), "scope").
        case domain
        /// Nobody in particular: its descendants are looked for.
        case descendants
    }

    /// From the kill of everything to giving up on what doesn't end, such as a process that waits for a disk.
    private static let patience: Int64 = 10_000_000_000

    /// More signals than that before the start are nobody's wish.
    private static let mostEarly = 64

    /// From the end of the command to the kill of what still runs.
    private static let grace: Int64 = 2_000_000_000

    init(control: Int32, signals: Int32, payload: Payload, reach: Reach) {
        self.reach = reach
        self.control = control
        self.signals = signals
        self.payload = payload
    }

    /// Forks the process that becomes the command; it waits to be let go.
    ///
    /// The other end of the first pipe is closed by a successful execve(2); an errno in it means that it failed.
    mutating func fork() throws(Errno) {
        let answers = try Files.pipe()
        let release = try Files.pipe()
        main = try Processes.fork()
        if main == 0 {
            let release = release.keepingFirst()
            let failure = payload.run(release: release.number)
            _ = try? Files.write(answers.second.number, failure.bytes[...])
            Processes.exitNow(127)
        }
        self.answers = answers.keepingFirst().release()
        self.release = release.keepingSecond().release()
    }

    /// Starts the command and stays until it and all that came from it have ended.
    mutating func run() throws(Errno) {
        // However it ends: nobody else would.
        defer { if reach != .namespace { killAll() } }
        guard try start() else { return }
        // From here on nothing but the socket and the signals is open in this process.
        try Files.closeAll(except: [control, signals])
        for signal in early { deliver(signal) }
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

    /// Lets the command go when the supervisor says so, and waits until its program has been loaded; false
    /// when there is nothing to stay for.
    private mutating func start() throws(Errno) -> Bool {
        var entries = [Poll.Entry(control, .readable), Poll.Entry(answers, .readable)]
        var mayProceed = false
        while !mayProceed {
            try Poll.wait(&entries, nanoseconds: nil)
            if !entries[1].returned.isEmpty { break }
            guard !entries[0].returned.isEmpty else { continue }
            let packet = try Sockets.receive(from: control, atMost: ControlMessage.size)
            if packet.bytes.isEmpty { return false }
            switch ControlMessage(packet.bytes) {
            case .proceed: mayProceed = true
            case .end: return false
            case .signal(let number): if early.count < Self.mostEarly { early.append(number) }
            default: continue
            }
        }
        if mayProceed { try letGo() }
        // What goes wrong from here on is no refusal any more: the command may run. The supervisor finds init gone.
        guard let answer = try? Files.read(answers, atMost: PayloadFailure.size) else { return false }
        if !answer.isEmpty {
            guard let failure = PayloadFailure(answer) else { throw .inputOutput }
            guard failure.isOfExecution else { throw failure.errno }
            try send(.notExecuted(errno: failure.errno.code))
            return false
        }
        return !mayProceed || (try? send(.started(process: main))) != nil
    }

    /// Its process may have been killed while it waited: then its end is all that there is to tell.
    private func letGo() throws(Errno) {
        do throws(Errno) {
            _ = try Files.write(release, [1])
        } catch .brokenPipe {
            return
        }
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
            try send(.usage(peakMemory: Int32(clamping: change.peakMemory)))
            try send(.ended(status: change.status.raw))
            try endAll()
            return true
        }
    }

    /// Asks everything left to end, and returns when nothing is left or the time is over: the kernel kills
    /// what remains when this process, being the first of its namespace, ends (pid_namespaces(7)); elsewhere
    /// ``killAll()`` does.
    private func endAll() throws(Errno) {
        guard signalAll(Signals.terminate) else { return }
        _ = signalAll(Signals.continue)
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
            var entries = [Poll.Entry(signals, .readable), Poll.Entry(control, .readable)]
            try Poll.wait(&entries, nanoseconds: rest)
            if entries[0].returned.contains(.readable) { _ = Signals.read(signals) }
            if !entries[1].returned.isEmpty, try !obey() { return }
        }
    }

    /// False when there is nobody.
    private func signalAll(_ signal: Int32) -> Bool {
        switch reach {
        case .namespace, .domain: return (try? Processes.signal(-1, signal)) != nil
        case .descendants: return Descendants.signal(signal) > 0
        }
    }

    /// Kills everything and returns when nothing is left. Whatever loses its parent becomes this process's child, so
    /// that is when there is no child any more.
    private func killAll() {
        let deadline = Clock.monotonic() + Self.patience
        while Clock.monotonic() < deadline {
            _ = signalAll(Signals.kill)
            do throws(Errno) {
                while let change = try Processes.reap(stops: false) { _ = change }
            } catch {
                return
            }
            var entries = [Poll.Entry(signals, .readable)]
            let pause: Int64 = 20_000_000
            _ = try? Poll.wait(&entries, nanoseconds: pause)
            if entries[0].returned.contains(.readable) { _ = Signals.read(signals) }
        }
    }

    /// Does what the supervisor asks; false when it is gone, or wants the end.
    private func obey() throws(Errno) -> Bool {
        let packet = try Sockets.receive(from: control, atMost: ControlMessage.size)
        if packet.bytes.isEmpty { return false }
        switch ControlMessage(packet.bytes) {
        case .signal(let number): deliver(number)
        case .end: return false
        default: break
        }
        return true
    }

    /// To the command's group, as a terminal would; to the command alone once it left that group.
    private func deliver(_ signal: Int32) {
        if (try? Processes.signal(-main, signal)) == nil { try? Processes.signal(main, signal) }
    }
}
