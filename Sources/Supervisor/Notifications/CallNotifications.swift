internal import Audit
public import Linux
public import Sandbox

/// What the command's filter tells the supervisor: calls that it refuses, and calls that change files.
///
/// It never decides. A refused call gets the error number that the filter without a listener would have given; any
/// other goes on, and only if that filter lets it pass with the same registers. What the kernel then says of it is
/// foretold for the record by ``CallVerdict``.
public struct CallNotifications: ~Copyable {
    private var listener: SeccompListener
    private let filter: FilterProgram
    private let view: View
    private let skeletonSeesConnections: Bool
    private var scratch: FileDescriptor?
    private var table = CallTable()
    private var judge: CallJudge?
    private var rate = NotificationRate()
    private var known = KnownCallers()

    /// At most this many in one go, so that signals and time limits are seen to in between.
    private static let mostAtOnce = 64

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - listener: what arrived with `RunningSandbox.Event.listener`.
    ///   - view: what the command sees.
    ///   - filter: `CommandFilter.plain` of the session.
    ///   - skeletonSeesConnections: whether the skeleton records who tries to reach a socket outside the view.
    /// - Throws: what the kernel answers; the command must then not be let go, for its calls would fail with
    ///   ENOSYS.
    public init(
        listener: consuming FileDescriptor, view: View, filter: [UInt64],
        skeletonSeesConnections: Bool = false
    ) throws(Errno) {
        let listener = try SeccompListener(listener)
        self.listener = listener
        self.filter = FilterProgram(filter)
        self.view = view
        self.skeletonSeesConnections = skeletonSeesConnections
    }

    /// To be polled for reading. Anything but readable is the end: nobody is under the filter any more.
    public var descriptor: Int32 { listener.descriptor.number }

    /// How many notifications were received.
    public private(set) var count = 0

    /// Whether changes of modes, owners, times and extended attributes that the view refuses are refused here: Landlock
    /// doesn't know them. That is a net and no wall, since a program can change the path while it is read; where there
    /// are mounts, they are the wall.
    public var refusesAttributes = false

    /// Gives it the sandbox's scratch file system, by which links and files in /tmp are known.
    public mutating func setScratch(_ descriptor: consuming FileDescriptor) {
        scratch = consume descriptor
    }

    /// What is told of calls.
    enum Notice: Sendable {
        /// One is refused.
        case denied(DeniedAct)
        /// A program was run or has ended.
        case command(CommandEvent)
        /// Somebody is about to connect, or to send a datagram, over the network. What becomes of that is for others
        /// to say: the door, or the kernel's answer.
        case connecting(ConnectionAttempt)
    }

    /// Answers what waits, for a while. To be called when the descriptor is readable.
    ///
    /// - Parameters:
    ///   - host: where the host is looked up.
    ///   - act: takes each denied act: of a call that Mews answers, before the answer; of one that the kernel
    ///     answers, after the call has gone on.
    /// - Throws: what makes the listener useless.
    public mutating func serve(
        looking host: inout HostLookup, _ act: (DeniedAct) -> Void
    ) throws(Errno) {
        var nothing: CommandWatch?
        try serve(looking: &host, following: &nothing) { if case .denied(let denied) = $0 { act(denied) } }
    }

    /// The same, and follows the programs that are run, if the filter tells of them
    /// (`SyscallFilter.tellingOfPrograms`).
    mutating func serve(
        looking host: inout HostLookup, following commands: inout CommandWatch?, _ take: (Notice) -> Void
    ) throws(Errno) {
        for round in 0..<Self.mostAtOnce {
            // The first is there: nothing takes it but its caller's death, which the kernel answers at once.
            if round > 0, try !Poll.look(at: descriptor, for: .readable).contains(.readable) { return }
            guard let notification = try listener.receive() else { continue }
            count += 1
            try answer(notification, &host, &commands, take)
            for event in commands?.takeEvents() ?? [] { take(.command(event)) }
            // The caller goes on when this process sleeps.
            if rate.isOn { return }
        }
    }

    private mutating func answer(
        _ notification: SeccompListener.Notification, _ host: inout HostLookup,
        _ commands: inout CommandWatch?, _ take: (Notice) -> Void
    ) throws(Errno) {
        let call = table.call(notification.number)
        if let isOn = rate.change(at: Clock.monotonic(), isConnection: call.shape?.act == .connect) {
            try? listener.setSynchronousWakeUp(isOn)
        }
        let answer = filter.answer(
            architecture: notification.architecture, number: notification.number,
            arguments: notification.arguments)
        switch answer {
        case .allow:
            prepare()
            if let change = call.change, notification.thread > 0 {
                try follow(notification, change, call, &host, &commands)
            } else {
                try proceed(notification, call, &host, take)
            }
        case .errno(let code): try refuse(notification, Errno(code), call) { take(.denied($0)) }
        // No filter of ours tells of such a call.
        case .other: try refuse(notification, .notPermitted, call) { take(.denied($0)) }
        }
    }

    private mutating func prepare() {
        if judge != nil { return }
        judge = CallJudge(view, scratch: scratch.take(), skeletonSeesConnections: skeletonSeesConnections)
    }

    /// Takes note of a program that is to be run, or of an end, and lets it go on.
    private mutating func follow(
        _ notification: SeccompListener.Notification, _ change: KnownCall.Change, _ call: KnownCall,
        _ host: inout HostLookup, _ commands: inout CommandWatch?
    ) throws(Errno) {
        let now = Clock.monotonic()
        var noted: Int32?
        switch change {
        case .execution(let arguments):
            let candidate = call.shape.flatMap { shape in
                judge?.candidate(
                    of: shape, arguments: arguments, notification.arguments,
                    caller: Caller(thread: notification.thread), &host)
            }
            noted = commands?.attempts(notification.thread, candidate, at: now)
        case .end:
            let status = Int32(truncatingIfNeeded: notification.arguments[0])
            noted = commands?.exits(notification.thread, status: status, at: now)
        }
        // What was read may have been another process's that has the number now.
        if let noted, !listener.isWaiting(notification.identifier) { commands?.withdraw(noted) }
        try listener.proceed(notification.identifier)
    }

    private mutating func refuse(
        _ notification: SeccompListener.Notification, _ errno: Errno, _ call: KnownCall,
        _ act: (DeniedAct) -> Void
    ) throws(Errno) {
        let name = call.name
        var process = Caller(thread: notification.thread).actingProcess()
        // What was read may be another process's that has the number now. That the call was tried stays true.
        if !listener.isWaiting(notification.identifier) { process = AuditedProcess(process: 0, name: []) }
        act(
            DeniedAct(
                Self.subject(name, notification.arguments), .filter, call: name, errno: errno,
                process: process))
        try listener.refuse(notification.identifier, errno)
    }

    static func subject(_ name: String, _ arguments: [UInt64]) -> DeniedAct.Subject {
        guard name == "socket" || name == "socketpair" else { return .call(arguments: arguments) }
        return .socket(
            family: Int32(truncatingIfNeeded: arguments[0]), type: Int32(truncatingIfNeeded: arguments[1]),
            protocol: Int32(truncatingIfNeeded: arguments[2]))
    }

    private mutating func proceed(
        _ notification: SeccompListener.Notification, _ call: KnownCall, _ host: inout HostLookup,
        _ take: (Notice) -> Void
    ) throws(Errno) {
        let caller = Caller(thread: notification.thread)
        let shape = notification.thread > 0 ? call.shape : nil
        if let shape, let attempt = attempt(shape, notification, caller) {
            try listener.proceed(notification.identifier)
            return take(.connecting(attempt))
        }
        guard let shape,
            let denial = judge?.denial(of: shape, notification.arguments, caller: caller, &host)
        else { return try listener.proceed(notification.identifier) }
        // Before it goes on: a short-lived program is gone afterwards.
        let process = caller.actingProcess()
        let isTrue = listener.isWaiting(notification.identifier)
        var act = DeniedAct(
            denial.subject, denial.reason, call: call.name, errno: nil,
            process: process)
        if refusesAttributes, case .file(.attributes, _, _) = denial.subject {
            act.errno = .accessDenied
            if isTrue { take(.denied(act)) }
            return try listener.refuse(notification.identifier, .accessDenied)
        }
        try listener.proceed(notification.identifier)
        if isTrue { take(.denied(act)) }
    }

    /// Whom a connect(2) or sendto(2) names, when that is over the network.
    private mutating func attempt(
        _ shape: CallShape, _ notification: SeccompListener.Notification, _ caller: Caller
    ) -> ConnectionAttempt? {
        guard shape.act == .connect, let register = shape.path.text,
            let bytes = judge?.socketAddress(register, notification.arguments, caller),
            let destination = SocketAddress.endpoint(bytes)
        else { return nil }
        // Now, because a short-lived program may be gone before it is known what became of it.
        guard let found = known.process(of: caller), found.process.process > 0 else { return nil }
        let descriptor = Int32(truncatingIfNeeded: notification.arguments[0])
        let socket = known.socket(descriptor, of: caller)
        guard found.isCertain || listener.isWaiting(notification.identifier) else { return nil }
        return ConnectionAttempt(
            thread: notification.thread, destination: destination, socket: socket, time: Clock.monotonic(),
            process: found.process)
    }
}
