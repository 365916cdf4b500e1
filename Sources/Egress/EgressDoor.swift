internal import Linux
internal import Network

/// The door through which every connection of a sandbox leaves.
public enum EgressDoor {
    /// Opens the door as the supervisor started this process, and serves until the supervisor is gone.
    ///
    /// - Returns: false when it couldn't be opened, which the supervisor has been told.
    /// - Throws: why it can't be opened, when there is nobody who could be told; nothing of the sandbox has been read
    ///   then.
    public static func run() throws(DoorError) -> Bool {
        // The loop has the socket for itself, and closes it when it ends.
        let teller = try? Files.duplicate(DoorSettings.control, from: 0)
        do throws(DoorError) {
            try serve()
            return true
        } catch {
            guard case .some(let socket) = teller,
                (try? Sockets.send(DoorMessage.unopened(Array(error.message.utf8)).encoded, to: socket.number))
                    != nil
            else { throw error }
            return false
        }
    }

    private static func serve() throws(DoorError) {
        let settings = try readSettings()
        do throws(Errno) {
            // splice(2) to a socket whose other side is gone raises it, and has no flag against that as send(2) has.
            _ = try Signals.setIgnored(brokenPipe, true)
            for index in settings.listeners.indices {
                try Files.setNonBlocking(DoorSettings.firstListener + Int32(index))
            }
        } catch {
            throw .call("fcntl(O_NONBLOCK)", error)
        }
        let loop = try EgressLoop(
            settings: settings, control: FileDescriptor(owning: DoorSettings.control),
            progress: FileDescriptor(owning: DoorSettings.progress),
            listeners: DoorListeners(settings.listeners, first: DoorSettings.firstListener),
            limits: DoorLimits(settings), now: Clock.monotonic())
        try Confinement.enforce()
        do throws(Errno) {
            try loop.run()
        } catch {
            throw .call("epoll_wait", error)
        }
    }

    private static let brokenPipe: Int32 = 13
    /// More than settings take with a hundred thousand names.
    private static let mostSettings = 64 << 20

    private static func readSettings() throws(DoorError) -> DoorSettings {
        let file = FileDescriptor(owning: DoorSettings.settings)
        let bytes: [UInt8]?
        do throws(Errno) {
            bytes = try Files.readAll(file.number, limit: mostSettings)
        } catch {
            throw .call("read", error)
        }
        guard let bytes, let settings = DoorSettings(encoded: bytes),
            settings.listeners.count <= NetworkListener.most
        else { throw .settings }
        return settings
    }
}
