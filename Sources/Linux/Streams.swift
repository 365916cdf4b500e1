internal import CLinux

/// TCP connections that never wait (tcp(7), socket(7)).
public enum Streams {
    /// Which direction of a connection ends (shutdown(2)).
    public enum Direction: Int32, Sendable {
        /// Nothing more is read.
        case reading = 0
        /// Nothing more is sent; the other side sees the end.
        case writing = 1
        /// Neither.
        case both = 2
    }

    /// The next connection of a listener and its other end.
    ///
    /// - Throws: `Errno.again` when there is none.
    public static func accept(
        _ listener: Int32, from peer: inout SocketEndpoint
    ) throws(Errno) -> FileDescriptor {
        var raw = mews_endpoint()
        let accepted = try check(unsafe mews_accept(listener, &raw))
        peer = SocketEndpoint(raw)
        return FileDescriptor(owning: accepted)
    }

    /// A socket for a connection to this address, not connected.
    public static func socket(towards address: IPAddress) throws(Errno) -> FileDescriptor {
        var raw = mews_endpoint(SocketEndpoint(address, 0))
        let stream: Int32 = 1
        return FileDescriptor(owning: try check(unsafe mews_internet_socket(&raw, stream)))
    }

    /// A listener at an address; port 0 lets the kernel choose (``name(of:)``).
    public static func listen(at endpoint: SocketEndpoint, backlog: Int32 = 128) throws(Errno)
        -> FileDescriptor
    {
        let listener = try socket(towards: endpoint.address)
        try ListeningSocket.bind(listener.number, to: endpoint)
        _ = try check(mews_listen(listener.number, backlog))
        return listener
    }

    /// Begins to connect.
    ///
    /// To this machine the handshake is over when the first call returns, which says nothing of it yet: asked again, it
    /// does (connect(2), EALREADY).
    ///
    /// - Returns: whether it is connected already; otherwise it becomes writable when it is decided.
    public static func connect(_ socket: Int32, to endpoint: SocketEndpoint) throws(Errno) -> Bool {
        var raw = mews_endpoint(endpoint)
        for _ in 0..<2 {
            do throws(Errno) {
                _ = try check(unsafe mews_connect(socket, &raw))
                return true
            } catch .inProgress {
                continue
            } catch .alreadyInProgress {
                break
            }
        }
        return false
    }

    /// The near end: of an accepted connection what its maker dialled.
    public static func name(of socket: Int32) throws(Errno) -> SocketEndpoint {
        var raw = mews_endpoint()
        _ = try check(unsafe mews_socket_name(socket, &raw))
        return SocketEndpoint(raw)
    }

    /// The far end.
    public static func peer(of socket: Int32) throws(Errno) -> SocketEndpoint {
        var raw = mews_endpoint()
        _ = try check(unsafe mews_peer_name(socket, &raw))
        return SocketEndpoint(raw)
    }

    /// The error that a socket has waiting, which is thereby taken; nil without one.
    public static func pendingError(of socket: Int32) -> Errno? {
        let code = mews_socket_error(socket)
        return code == 0 ? nil : Errno(abs(code))
    }

    /// Sends small pieces at once (TCP_NODELAY).
    public static func setNoDelay(_ socket: Int32) throws(Errno) {
        _ = try check(mews_set_socket_option(socket, 6, 1, 1))
    }

    /// Asks the other side whether it is there when nothing was heard for a while (SO_KEEPALIVE).
    public static func setKeepAlive(_ socket: Int32) throws(Errno) {
        _ = try check(mews_set_socket_option(socket, 1, 9, 1))
    }

    /// Lets close(2) send a reset instead of an end (SO_LINGER without time).
    public static func resetOnClose(_ socket: Int32) {
        // Fails only for what isn't a socket; then there is nobody to be told.
        _ = mews_reset_on_close(socket)
    }

    /// shutdown(2)
    public static func end(_ socket: Int32, _ direction: Direction) throws(Errno) {
        _ = try check(mews_shutdown(socket, direction.rawValue))
    }

    /// Moves at most so many bytes between a socket and a pipe without copying them (splice(2)).
    ///
    /// - Returns: how many; 0 at the end of what is read from.
    /// - Throws: `Errno.again` when there is nothing, or no room.
    public static func splice(from: Int32, to: Int32, atMost count: Int) throws(Errno) -> Int {
        try retrying { () throws(Errno) in try check(mews_splice(from, to, UInt(count))) }
    }

    /// Reads what is there into a buffer.
    ///
    /// - Parameters:
    ///   - socket: to read from.
    ///   - buffer: as much as it takes.
    ///   - peeking: leaves it there (MSG_PEEK).
    /// - Returns: how many bytes; 0 at the end.
    /// - Throws: `Errno.again` when there is nothing.
    public static func receive(
        _ socket: Int32, into buffer: UnsafeMutableRawBufferPointer, peeking: Bool = false
    ) throws(Errno) -> Int {
        let peek: Int32 = 2
        let dontWait: Int32 = 0x40
        let flags = peeking ? peek | dontWait : dontWait
        return try retrying { () throws(Errno) in
            try check(unsafe mews_recv(socket, buffer.baseAddress, UInt(buffer.count), flags))
        }
    }

    /// Reads what is there, at most so many bytes.
    ///
    /// - Returns: them; none at the end.
    /// - Throws: `Errno.again` when there is nothing.
    public static func receive(_ socket: Int32, atMost capacity: Int) throws(Errno) -> [UInt8] {
        let dontWait: Int32 = 0x40
        return try unsafe filling(capacity) { unsafe mews_recv(socket, $0, UInt(capacity), dontWait) }
    }

    /// Sends as much as there is room for.
    ///
    /// - Returns: how many bytes.
    /// - Throws: `Errno.again` when there is no room.
    public static func send(_ socket: Int32, _ bytes: ArraySlice<UInt8>) throws(Errno) -> Int {
        try check(unsafe bytes.withUnsafeBytes { unsafe sendOnce(socket, $0) })
    }

    /// Sends as much as there is room for.
    ///
    /// - Returns: how many bytes.
    /// - Throws: `Errno.again` when there is no room.
    public static func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
        try check(unsafe sendOnce(socket, bytes))
    }

    private static func sendOnce(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        let dontWait: Int32 = 0x40
        while true {
            let count = unsafe mews_send_bytes(socket, bytes.baseAddress, UInt(bytes.count), dontWait)
            if count != -Int(Errno.interrupted.code) { return count }
        }
    }
}

extension mews_endpoint {
    init(_ endpoint: SocketEndpoint) {
        self.init(high: endpoint.address.high, low: endpoint.address.low, port: endpoint.port)
    }
}

extension SocketEndpoint {
    init(_ raw: mews_endpoint) {
        self.init(IPAddress(high: raw.high, low: raw.low), raw.port)
    }
}
