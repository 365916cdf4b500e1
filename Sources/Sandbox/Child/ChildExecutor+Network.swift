internal import Linux
internal import Network

extension ChildExecutor {
    /// Made here, where ports below 1024 are still this process's to take; the command has no capability for them, so
    /// it can't put a server of its own in the place of one that is gone.
    mutating func listen(_ listener: NetworkListener) throws(Errno) {
        let socket: FileDescriptor
        switch listener.kind {
        case .stream: socket = try ListeningSocket.stream(port: listener.port)
        case .loopbackStream: socket = try ListeningSocket.loopbackStream(port: listener.port)
        case .datagram: socket = try ListeningSocket.datagram(port: listener.port)
        }
        listeners.append(socket.release())
    }

    /// The observer and the diagnosis only tell: where the kernel refuses them, connections are refused all the same.
    mutating func handOverNetwork() throws(Errno) {
        var descriptors = DescriptorList(owning: listeners)
        // From here on the list's, which closes them: whoever held a copy could answer in the place of the door.
        listeners = []
        let packets = Self.add(to: &descriptors, PacketObserver.makeSockets)
        let diagnosis = Self.add(to: &descriptors) { () throws(Errno) in
            var one = DescriptorList()
            one.append(try NetworkCapture.makeDiagnosis())
            return one
        }
        let message = ControlMessage.network(packets: packets, diagnosis: diagnosis)
        try Sockets.send(message.bytes, with: descriptors.numbers, to: control)
    }

    /// Returns why there is none, or 0.
    private static func add(
        to descriptors: inout DescriptorList, _ make: () throws(Errno) -> DescriptorList
    ) -> Int32 {
        do throws(Errno) {
            descriptors.append(try make())
            return 0
        } catch {
            return error.code
        }
    }
}
