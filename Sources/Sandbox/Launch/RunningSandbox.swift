public import Linux

/// A sandbox under construction or at work, as its supervisor holds it.
public struct RunningSandbox: ~Copyable {
    /// What the sandbox tells.
    public enum Event: ~Copyable {
        /// The other side of the command's terminal.
        case terminal(FileDescriptor)
        /// The sandbox could not be built.
        case notBuilt(SandboxError)
        /// The command could not be executed.
        case notExecuted(Errno)
        /// The server side of the skeleton root (fuse(4)).
        case skeleton(FileDescriptor)
        /// A path-only descriptor of the scratch file system, in which /tmp and the like are.
        case scratch(FileDescriptor)
        /// A descriptor of the sandbox's process file system, in which processes have their numbers inside.
        case processes(FileDescriptor)
        /// The listener of the command's filter (seccomp_unotify(2)).
        case listener(FileDescriptor)
        /// The kernel allows no listener: what the command changes, and what the filter refuses, isn't seen.
        /// `Errno.busy` when a filter around this one has it, `Errno.invalidArgument` when there is none.
        case unlistened(Errno)
        /// The sockets of the sandbox's network; comes before `scratch`.
        case network(NetworkDescriptors)
        /// Nothing more is needed for the command to start, where there is no scratch file system.
        case built
        /// The command runs, with this number inside.
        case started(process: Int32)
        /// A signal stopped the command.
        case stopped(signal: Int32)
        /// The most memory that the command held at once, in KiB; comes just before its end.
        case usage(peakMemory: Int32)
        /// The command ended; what it left behind is being ended.
        case ended(WaitStatus)
        /// Nothing more will come.
        case closed
    }

    /// The process number of init on the host.
    public let process: Int32
    /// A descriptor of init, readable when it has ended.
    public let processDescriptor: FileDescriptor
    /// The socket on which events arrive.
    public let control: FileDescriptor

    let plan: SandboxPlan
    /// When init was started, as proc_pid_stat(5) has it.
    private let started: UInt64

    /// What the command sees.
    public var view: View { plan.view }

    init(
        process: Int32, processDescriptor: consuming FileDescriptor, control: consuming FileDescriptor,
        plan: SandboxPlan
    ) {
        self.process = process
        self.processDescriptor = processDescriptor
        self.control = control
        self.plan = plan
        started = plan.construction.hasNamespaces ? 0 : Descendants.startTime(of: process)
    }

    /// The next event; to be asked when the socket is readable.
    ///
    /// What arrives was sent by Mews's own code in the child, but the socket's other end lives inside the
    /// sandbox, so a packet that makes no sense ends the connection.
    public func nextEvent() -> Event {
        guard let packet = try? Sockets.receive(from: control.number, atMost: ControlMessage.size) else {
            return .closed
        }
        let message = ControlMessage(packet.bytes)
        var descriptors = packet.takeDescriptors()
        if case .network(let packets, let diagnosis) = message {
            return network(descriptors, packets: packets, diagnosis: diagnosis)
        }
        if descriptors.count == 1, let descriptor = descriptors.removeLast() {
            return Self.event(message, with: descriptor)
        }
        guard descriptors.count == 0 else { return .closed }
        switch message {
        case .failed(let operation, let errno):
            return .notBuilt(plan.error(at: Int(operation), Errno(errno)))
        case .notExecuted(let errno): return .notExecuted(Errno(errno))
        case .started(let process): return .started(process: process)
        case .stopped(let signal): return .stopped(signal: signal)
        case .ended(let status): return .ended(WaitStatus(raw: status))
        case .built: return .built
        case .unlistened(let errno): return .unlistened(Errno(errno))
        case .usage(let peakMemory): return .usage(peakMemory: peakMemory)
        case .terminal, .skeleton, .scratch, .processes, .listener, .network, .signal, .proceed, .end,
            nil:
            return .closed
        }
    }

    private func network(
        _ descriptors: consuming DescriptorList, packets: Int32, diagnosis: Int32
    ) -> Event {
        let listenerCount = plan.operations.filter { if case .listen = $0 { true } else { false } }.count
        let received = NetworkDescriptors(
            descriptors, listenerCount: listenerCount, packetsError: packets == 0 ? nil : Errno(packets),
            diagnosisError: diagnosis == 0 ? nil : Errno(diagnosis))
        guard let received else { return .closed }
        return .network(received)
    }

    private static func event(
        _ message: ControlMessage?, with descriptor: consuming FileDescriptor
    ) -> Event {
        switch message {
        case .terminal: .terminal(descriptor)
        case .skeleton: .skeleton(descriptor)
        case .scratch: .scratch(descriptor)
        case .processes: .processes(descriptor)
        case .listener: .listener(descriptor)
        default: .closed
        }
    }

    /// Lets init start the command.
    ///
    /// - Throws: when that couldn't be said: init would wait for ever.
    public func proceed() throws(Errno) {
        try Sockets.send(ControlMessage.proceed.bytes, to: control.number)
    }

    /// Asks init to send the command's process group a signal.
    public func signal(_ number: Int32) {
        // When init is gone, so is the command.
        try? Sockets.send(ControlMessage.signal(number).bytes, to: control.number)
    }

    /// The command's number on the host: init's first child; nil where the kernel doesn't tell.
    public func commandOnHost() -> Int32? { childrenOfInit()?.first }

    /// The first of init's children (proc_tid_children(5)); nil where the kernel doesn't tell.
    private func childrenOfInit() -> [Int32]? {
        let path = CString("/proc/\(process)/task/\(process)/children")
        guard let file = try? Files.open(path, [.read, .closeOnExec]),
            let text = try? Files.read(file.number, atMost: 64)
        else { return nil }
        return text.split(separator: UInt8(ascii: " ")).compactMap {
            Int32(String(decoding: $0, as: UTF8.self))
        }
    }

    /// Whether the command's program may have been loaded since ``proceed()``: whether its process is there, which init
    /// lets go at once. True when that can't be told, as when init is gone; and where there is no PID namespace, because
    /// there init may take the word before it takes the one that ends it.
    public func mayHaveExecuted() -> Bool {
        guard plan.construction.hasNamespaces else { return true }
        guard let children = childrenOfInit() else { return true }
        return !children.isEmpty || isGone
    }

    private var isGone: Bool {
        let isEnded = try? Poll.look(at: processDescriptor.number, for: .readable)
        let isClosed = try? Poll.look(at: control.number, for: .readable)
        return isEnded != [] || isClosed?.contains(.hungUp) != false
    }

    /// Ends init at once, and by that everything in its PID namespace; where there is none init ends everything
    /// before itself.
    public func kill() {
        if plan.construction.hasNamespaces {
            try? Processes.signal(descriptor: processDescriptor.number, Signals.kill)
        } else {
            do throws(Errno) {
                try Sockets.send(ControlMessage.end.bytes, to: control.number)
            } catch {
                // It can't be told, or is gone. The command ends with it, and what is left is looked for afterwards.
                try? Processes.signal(descriptor: processDescriptor.number, Signals.kill)
            }
        }
    }

    /// From the request to end everything until init is taken for one that can't.
    private static let patience: Int64 = 5_000_000_000

    /// Waits until init has ended, after ``kill()``. In a PID namespace the kernel has then ended every process
    /// inside; elsewhere this process ends what a killed init has left to it.
    public func waitForEnd() -> WaitStatus? {
        if plan.construction.hasNamespaces { return try? Processes.wait(for: process) }
        let deadline = Clock.monotonic() + Self.patience
        var entries = [Poll.Entry(processDescriptor.number, .readable)]
        while entries[0].returned.isEmpty, Clock.monotonic() < deadline {
            _ = try? Poll.wait(&entries, nanoseconds: deadline - Clock.monotonic())
        }
        try? Processes.signal(descriptor: processDescriptor.number, Signals.kill)
        let status = try? Processes.wait(for: process)
        Descendants.endConfined(since: started)
        return status
    }
}
