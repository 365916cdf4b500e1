internal import Network
internal import Profile

extension PublishedPolicy.Writer {
    /// Appends the lines about hosts: `allow`, `deny`, `host`, `loopback`, `narrowed`, each with its place at the end.
    mutating func network(_ network: NetworkPolicy) {
        for rule in network.allow {
            line("allow", rule.origin) { writer in
                writer.field("\(rule.value.target)")
                writer.field(rule.value.ports.map { "\($0)" }.joined(separator: ","))
                writer.field("\(rule.value.protocolCheck?.rawValue ?? 0)")
                writer.field(rule.value.allowsPrivate ? "private" : "public")
            }
        }
        for denial in network.deny {
            line("deny", denial.origin) { writer in
                writer.field("\(denial.value.target)")
                writer.field("\(denial.value.port ?? 0)")
            }
        }
        for host in network.hosts {
            line("host", host.origin) { writer in
                writer.field(host.value.name.text)
                writer.field("\(host.value.address)")
            }
        }
        for port in network.loopback {
            line("loopback", port.origin) { $0.field("\(port.value)") }
        }
        if let narrowing = network.narrowing { line("narrowed", narrowing) { _ in } }
    }

    private mutating func line(
        _ word: String, _ origin: Origin, _ fields: (inout PublishedPolicy.Writer) -> Void
    ) {
        let number = source(origin.source)
        begin(word)
        fields(&self)
        place(number, origin)
        end()
    }
}
