internal import Linux
internal import Network
internal import Sandbox
internal import Supervisor

extension Examination {
    /// What the network of a sandbox is made with.
    var networkProbes: [Probe] {
        [
            networkProbe("captured network", .namespaces, capture),
            networkProbe("listeners on ports below 1024", .namespaces, listenLow),
            networkProbe(Self.connections, .connections, failure: .unseen, observe),
            networkProbe(Self.owners, .connections, failure: .unseen, diagnose),
        ]
    }

    private func networkProbe(
        _ name: String, _ layer: Layer, failure: Check.State = .no,
        _ attempt: @escaping () throws(SandboxError) -> String
    ) -> Probe {
        Probe(name, layer, failure: failure) { () throws(SandboxError) in
            try ThrowAwayChild.run(in: [.user, .network]) { () throws(SandboxError) in
                try mapIdentity()
                try Probe.step(Remedy.capture, NetworkCapture.capture)
                return try attempt()
            }
        }
    }

    /// Nobody's addresses (RFC 5737, RFC 3849).
    private static let somewhere = [
        IPAddress(version4: 0xc000_0201), IPAddress(high: 0x2001_0db8 << 32, low: 1),
    ]

    /// Connects to addresses far away and looks whether the connection arrives here, under the address dialled.
    private func capture() throws(SandboxError) -> String {
        let listener = try Probe.step(Self.failure("listen")) { () throws(Errno) in
            try ListeningSocket.stream(port: 443)
        }
        var arrived: [String] = []
        for address in Self.somewhere {
            let wanted = SocketEndpoint(address, 443)
            do throws(Errno) {
                let client = try Streams.socket(towards: address)
                _ = try Streams.connect(client.number, to: wanted)
                try Self.wait(for: listener.number, .readable)
                var peer = wanted
                let accepted = try Streams.accept(listener.number, from: &peer)
                guard try Streams.name(of: accepted.number) == wanted else { throw .protocolError }
            } catch {
                // A host without IPv6 has none inside either.
                if address.version4 == nil, [.addressFamilyNotSupported, .networkUnreachable].contains(error)
                {
                    continue
                }
                throw Self.failure("connect to \(wanted)")(error)
            }
            arrived.append(address.version4 == nil ? "IPv6" : "IPv4")
        }
        return "connections to anywhere arrive inside, by \(arrived.joined(separator: " and "))"
    }

    private func listenLow() throws(SandboxError) -> String {
        try Probe.step({ Remedy.listening($0) }) { () throws(Errno) in
            _ = try ListeningSocket.datagram(port: 53)
            _ = try ListeningSocket.stream(port: 53)
            _ = try ListeningSocket.stream(port: 80)
        }
        return "made"
    }

    /// Connects and sends to where nobody listens, and looks whether the observer knows.
    private func observe() throws(SandboxError) -> String {
        let observer = try Probe.step(Remedy.observing) { () throws(Errno) in
            try PacketObserver(try PacketObserver.makeSockets())
        }
        let stream = SocketEndpoint(Self.somewhere[0], 8443)
        let datagram = SocketEndpoint(Self.somewhere[0], 443)
        try Probe.step(Self.failure("send")) { () throws(Errno) in
            let client = try Streams.socket(towards: stream.address)
            _ = try? Streams.connect(client.number, to: stream)
            let sender = try Datagrams.socket(towards: datagram.address)
            try Datagrams.connect(sender.number, to: datagram)
            _ = try Files.write(sender.number, [0])
        }
        for wanted in [stream, datagram] {
            let seen = try Probe.step(Self.failure("read what was observed")) { () throws(Errno) in
                try Self.wait(for: observer.descriptor, .readable)
                return observer.next().flatMap { RefusedPacket(frame: $0) }
            }
            guard seen?.destination == wanted else {
                throw SandboxError(
                    .failed, "a refused connection to \(wanted) wasn't seen", hint: "report it")
            }
        }
        return "a refused connection and a refused datagram were"
    }

    /// Asks whose a connection is, which nobody else than this process can have made.
    private func diagnose() throws(SandboxError) -> String {
        let diagnosis = try Probe.step(Remedy.diagnosing, NetworkCapture.makeDiagnosis)
        let inode = try Probe.step(Self.failure("connect")) { () throws(Errno) in
            let listener = try ListeningSocket.stream(port: 443)
            let client = try Streams.socket(towards: Self.somewhere[0])
            _ = try Streams.connect(client.number, to: SocketEndpoint(Self.somewhere[0], 443))
            try Self.wait(for: listener.number, .readable)
            let number = SocketDiagnosis.inode(
                diagnosis.number, local: try Streams.name(of: client.number),
                remote: try Streams.peer(of: client.number), isDatagram: false)
            let own = try Files.status(of: client.number).identity.inode
            return number.map { UInt64($0) == own }
        }
        guard inode == true else {
            throw Remedy.diagnosing(.noEntry)
        }
        return "the kernel tells whose a connection is"
    }

    private static func wait(for descriptor: Int32, _ events: Poll.Events) throws(Errno) {
        let patience: Int64 = 2_000_000_000
        var entries = [Poll.Entry(descriptor, events)]
        try Poll.wait(&entries, nanoseconds: patience)
        if entries[0].returned.isEmpty { throw .timedOut }
    }

    private static func failure(_ action: String) -> (Errno) -> SandboxError {
        { SandboxError(.failed, "cannot \(action)", errno: $0, hint: Remedy.capture($0).hint) }
    }
}
