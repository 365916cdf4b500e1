internal import Audit
internal import Linux
public import Sandbox

/// The supervisor's one loop: everything that happens to a session arrives here, in one thread.
public struct SessionLoop: ~Copyable {
    private let sandbox: RunningSandbox
    private let signals: FileDescriptor
    private var relay: TerminalRelay?
    private let timeLimit: Int64?
    private var observer: SessionObserver
    private var hasStarted = false
    /// Whether init may start the command; that it did may not have been read yet.
    private var hasProceeded = false
    private var isTimedOut = false
    /// When the time of the command is over; when it is killed for not ending; when init is.
    private var timeDeadline: Int64?
    private var killDeadline: Int64?
    private var ending: Ending?

    /// From a polite request to the kill.
    private static let grace: Int64 = 2_000_000_000
    /// Init's own time for what the command left behind, and some more.
    private static let endGrace: Int64 = 4_000_000_000

    /// Runs a session to its end.
    ///
    /// - Parameters:
    ///   - plan: the sandbox.
    ///   - session: what runs in it.
    ///   - timeLimit: in nanoseconds from the start of the command; nil is none.
    ///   - facts: what is written about it.
    /// - Returns: how it ended, nothing of it being left by then, and what is said of it.
    public static func run(
        _ plan: SandboxPlan, _ session: Session, timeLimit: Int64?, facts: SessionFacts
    ) -> (ending: Ending, summary: SessionSummary) {
        do throws(SandboxError) {
            let before: CallerSignals
            let signals: FileDescriptor
            do throws(Errno) {
                before = try SignalForwarding.begin()
                signals = try Signals.descriptor(for: SignalForwarding.mask)
            } catch {
                throw SandboxError(.failed, "cannot hold signals back", errno: error)
            }
            let relay = try makeRelay(session.descriptors)
            let host = try makeHostLookup()
            let sandbox = try Launcher.start(plan, session, callerSignals: before)
            // While the child builds, because it needs none of it and the log takes its time.
            let observer: SessionObserver
            do throws(AuditFailure) {
                observer = try SessionObserver(facts, session.filter, host)
            } catch {
                sandbox.kill()
                _ = sandbox.waitForEnd()
                throw SandboxError(.failed, error.description)
            }
            var loop = SessionLoop(sandbox, signals, relay, timeLimit, observer)
            return loop.run()
        } catch {
            return (.notBuilt(error), SessionSummary(.notBuilt(error)))
        }
    }

    private static func makeHostLookup() throws(SandboxError) -> HostLookup {
        do throws(Errno) {
            return try HostLookup()
        } catch {
            throw SandboxError(.failed, "cannot read the host's mounts", errno: error)
        }
    }

    private static func makeRelay(_ descriptors: StandardDescriptors) throws(SandboxError) -> TerminalRelay? {
        guard descriptors.needsTerminal else { return nil }
        do throws(Errno) {
            return try TerminalRelay(descriptors)
        } catch {
            throw SandboxError(
                .failed, "cannot open the terminal", errno: error, hint: "use pipes: … </dev/null 2>&1 | cat")
        }
    }

    private init(
        _ sandbox: consuming RunningSandbox, _ signals: consuming FileDescriptor,
        _ relay: consuming TerminalRelay?, _ timeLimit: Int64?, _ observer: consuming SessionObserver
    ) {
        self.observer = observer
        self.sandbox = sandbox
        self.signals = signals
        self.relay = relay
        self.timeLimit = timeLimit
    }

    private mutating func run() -> (ending: Ending, summary: SessionSummary) {
        var isOver = false
        // One for all turns: the command waits for many of them.
        var entries: [Poll.Entry] = []
        while !isOver {
            entries.removeAll(keepingCapacity: true)
            entries.append(Poll.Entry(signals.number, .readable))
            entries.append(Poll.Entry(sandbox.control.number, .readable))
            entries.append(Poll.Entry(sandbox.processDescriptor.number, .readable))
            observer.addEntries(to: &entries)
            entries += relay?.entries() ?? []
            guard (try? Poll.wait(&entries, nanoseconds: nextDeadline())) != nil else { break }
            let others = 3 + SessionObserver.entryCount
            if entries.count == others + 2 {
                relay?.move(host: entries[others].returned, inside: entries[others + 1].returned)
            }
            // What init said comes before the news that it has ended; before signals, because one that came after
            // the command's start must not count as if it had come before; and before what the command did, which
            // is recorded after its start.
            if !entries[1].returned.isEmpty {
                isOver = !takeEvent()
            } else if !entries[2].returned.isEmpty {
                isOver = true
            }
            observer.serve(entries, from: 3)
            if entries[0].returned.contains(.readable) { takeSignals() }
            checkDeadlines()
            checkObserver()
        }
        let ending = finish()
        let summary = observer.finish(SessionSummary(ending))
        // The command may have ended well, but what it did isn't all written down.
        if let failure = observer.failure, case .command = ending {
            return (.unlogged(failure), summary.stopped(failure))
        }
        return (ending, summary)
    }

    /// Nothing may happen that can't be written down.
    private mutating func checkObserver() {
        guard ending == nil else { return }
        if let failure = observer.failure {
            stop(.unlogged(failure), or: SandboxError(.failed, failure.description))
        } else if let failure = observer.doorFailure {
            stop(failure)
        } else if observer.isDeaf {
            stop("the sandbox can't be answered for any more; the kernel's log may say why (dmesg)")
        }
    }

    private mutating func stop(_ reason: String) {
        stop(.stopped(reason), or: SandboxError(.failed, reason))
    }

    /// Ends what can't go on: as a command that was stopped, if it may have begun, else as one that wasn't started.
    private mutating func stop(_ stopped: Ending, or refused: SandboxError) {
        ending = mayHaveStarted() ? stopped : .notBuilt(refused)
        sandbox.kill()
    }

    /// Whether something of the command may have run, also when the news of it hasn't been read yet.
    private func mayHaveStarted() -> Bool {
        guard hasProceeded, !hasStarted else { return hasStarted }
        while (try? Poll.look(at: sandbox.control.number, for: .readable))?.contains(.readable) == true {
            switch sandbox.nextEvent() {
            case .started: return true
            case .closed: return sandbox.mayHaveExecuted()
            default: continue
            }
        }
        return sandbox.mayHaveExecuted()
    }

    private mutating func finish() -> Ending {
        relay?.flush()
        relay?.restore()
        let mayHaveBegun = ending == nil && mayHaveStarted()
        // Also when init has ended by itself: the number is only free once it has been waited for.
        sandbox.kill()
        _ = sandbox.waitForEnd()
        if let ending { return ending }
        if mayHaveBegun { return .lost }
        return .notBuilt(
            SandboxError(.failed, "the sandbox ended while it was being built", hint: "try mews doctor"))
    }

    /// Acts on what init says; false when it has nothing more to say.
    private mutating func takeEvent() -> Bool {
        switch sandbox.nextEvent() {
        case .terminal(let master):
            relay?.connect(master)
            // Before the command can write: what it writes ends its lines itself.
            relay?.raise()
        case .notBuilt(let error):
            // Init failed after the command had been started: that is no refusal any more.
            ending = hasStarted ? .lost : .notBuilt(error)
        case .notExecuted(let errno):
            observer.notExecuted(errno)
            ending = .notExecuted(errno)
        case .started(let process):
            hasStarted = true
            observer.started(process: process, hostProcess: sandbox.commandOnHost())
            if let timeLimit { timeDeadline = Clock.monotonic() + timeLimit }
        case .skeleton(let device):
            observer.take(skeleton: device)
        case .network(let descriptors):
            take(network: descriptors)
        case .scratch(let descriptor):
            observer.take(scratch: descriptor)
            // Only now, because the command may not run before the first record is with the kernel, as it is since
            // the observer was made, and before the files are written that it can read.
            proceed()
        case .built:
            proceed()
        case .processes(let descriptor):
            observer.take(processes: descriptor)
        case .listener(let descriptor):
            take(listener: descriptor)
        case .unlistened(let errno):
            observer.goWithoutListener(errno)
        case .usage(let peakMemory):
            observer.setPeakMemory(peakMemory)
        case .stopped:
            suspend()
        case .ended(let status):
            observer.ended(status)
            // One that was being stopped may end well before the kill arrives, but not all of it was held.
            if ending == nil { ending = isTimedOut ? .timeout : .command(status) }
            timeDeadline = nil
            killDeadline = Clock.monotonic() + Self.endGrace
        case .closed:
            return false
        }
        return true
    }

    private mutating func proceed() {
        do throws(Errno) {
            try sandbox.proceed()
            hasProceeded = true
        } catch {
            stop(SandboxError(.failed, "cannot let the command go", errno: error).description)
        }
    }

    private mutating func take(listener descriptor: consuming FileDescriptor) {
        do throws(Errno) {
            try observer.take(listener: descriptor)
        } catch {
            stop(
                SandboxError(.failed, "cannot listen to the filter of system calls", errno: error).description
            )
        }
    }

    private mutating func take(network descriptors: consuming NetworkDescriptors) {
        do throws(Errno) {
            try observer.take(network: descriptors)
        } catch {
            stop(SandboxError(.failed, "cannot wait for connections", errno: error).description)
        }
    }

    private mutating func takeSignals() {
        for signal in Signals.read(signals.number) {
            switch signal {
            case Signals.window:
                // The terminal inside tells the command by itself when its size changes.
                if relay == nil { sandbox.signal(signal) } else { relay?.resize() }
            case Signals.continue:
                relay?.raise()
                relay?.resize()
                sandbox.signal(signal)
            case Signals.terminalStop:
                sandbox.signal(signal)
            default:
                forward(signal)
            }
        }
    }

    private mutating func forward(_ signal: Int32) {
        if hasStarted, ending == nil {
            sandbox.signal(signal)
            // A stopped command can't act on it before it goes on; the kernel does the same for a group that
            // loses its terminal.
            if signal == Signals.hangUp || signal == Signals.terminate { sandbox.signal(Signals.continue) }
        } else if [Signals.interrupt, Signals.terminate, Signals.quit, Signals.hangUp].contains(signal) {
            // Nobody is there to take it: the sandbox is being built, or what is left of it taken down.
            if ending == nil { ending = .command(.signalled(signal)) }
            sandbox.kill()
        }
    }

    /// The command was stopped: gives the terminal back and stops as well, so that a shell sees a stopped
    /// job; goes on when the shell says so.
    private mutating func suspend() {
        relay?.flush()
        let tookKeys = relay?.isRaised ?? false
        relay?.restore()
        if tookKeys {
            // Ctrl-Z came to us as a byte, so the rest of a pipeline hasn't been stopped by it.
            try? Processes.signal(0, Signals.terminalStop)
        }
        // A command can stop itself; that must not outlast its time.
        Signals.stop(until: timeDeadline)
        // Here again after SIGCONT, which also waits in the signal descriptor and wakes the command.
    }

    private func nextDeadline() -> Int64? {
        let own = Clock.first(timeDeadline, killDeadline)
        return Clock.first(own, observer.nextDeadline).map { max(0, $0 - Clock.monotonic()) }
    }

    private mutating func checkDeadlines() {
        let now = Clock.monotonic()
        if let deadline = timeDeadline, now >= deadline {
            isTimedOut = true
            observer.timeLimitExceeded()
            timeDeadline = nil
            killDeadline = now + Self.grace
            sandbox.signal(Signals.terminate)
            // A stopped command can't end before it goes on.
            sandbox.signal(Signals.continue)
        }
        if let deadline = killDeadline, now >= deadline {
            killDeadline = nil
            if isTimedOut { ending = .timeout }
            sandbox.kill()
        }
    }
}
