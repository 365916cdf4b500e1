internal import Linux
internal import Network

/// What a line of `network.allow` can't name, although it is written as a host or address is.
enum GrantableHost {
    /// Checks a target.
    static func check(_ target: NetworkRule.Target, written text: String) throws(ScalarError) {
        switch target {
        case .exact(let name), .below(let name):
            if name.isMetadata { throw metadata(text) }
            if name.isLoopback { throw loopback(text) }
        case .address(let address):
            switch address.kind {
            case .metadata: throw metadata(text)
            case .loopback: throw loopback(text)
            case .unspecified, .multicast:
                throw ScalarError(
                    "\(quoted(text)) isn't the address of a host", remedy: "write that of a host")
            case .reserved where isOwn(address):
                throw ScalarError(
                    "\(quoted(text)) is one of the addresses that Mews gives to names inside",
                    remedy: "write the name")
            case .global, .privateUse, .linkLocal, .reserved: break
            }
        }
    }

    /// Checks a port of a line that allows.
    static func check(port: UInt16) throws(ScalarError) {
        guard port != NetworkListener.namePort else {
            throw ScalarError(
                "port \(port) is where Mews answers for names itself", remedy: "allow the ports of the hosts")
        }
    }

    /// Checks a port of the host's loopback, which is reached at the same port of the sandbox's own.
    static func check(loopbackPort number: UInt64) throws(ScalarError) {
        let port = UInt16(truncatingIfNeeded: number)
        guard port != NetworkListener.namePort, port != NetworkListener.proxyPort else {
            throw ScalarError(
                "port \(port) of the sandbox's loopback is Mews's own",
                remedy: "have the service on the host listen at another port")
        }
    }

    /// The credentials of machines: whoever could name them in a profile of a repository's making would have
    /// them.
    static func metadata(_ text: String) -> ScalarError {
        ScalarError(
            "\(quoted(text)) hands out the credentials of this machine; only a managed policy can allow that, "
                + "by its address",
            remedy: "remove it: managed policies are not in this version")
    }

    private static func loopback(_ text: String) -> ScalarError {
        ScalarError(
            "\(quoted(text)) is the sandbox's own loopback",
            remedy: "write loopback: {connect: [PORT]} for a port of the host's")
    }

    /// 198.18.0.0/15.
    private static func isOwn(_ address: IPAddress) -> Bool {
        address.version4.map { $0 >> 17 == 0xc612_0000 >> 17 } ?? false
    }
}
