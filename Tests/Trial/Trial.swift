internal import Audit
internal import Linux
internal import Profile
internal import Sandbox
internal import Supervisor

/// Runs a command in a sandbox and writes down every denied act that its filter told of, a JSON object each: what
/// tests hold against the kernel's answers.
///
///     trial look                                          what the host has at the paths on standard input
///     trial ACTS-FILE notify|off OPTION… -- COMMAND…      with `mews run`'s --profile, --read, --write, --deny
@main
enum Trial {
    static func main() {
        do throws(TrialError) {
            if Arguments.commandLine().dropFirst().first?.elementsEqual("look".utf8) ?? false {
                return try look()
            }
            let code = try run(Array(Arguments.commandLine().dropFirst()))
            Processes.exitNow(code)
        } catch {
            write(2, "trial: \(error.text)\n")
            Processes.exitNow(125)
        }
    }

    /// Says what the host has at each path that comes on standard input, a line each.
    private static func look() throws(TrialError) {
        do throws(Errno) {
            var host = try HostLookup()
            while true {
                let line = try Files.read(0, atMost: 4096)
                guard let path = AbsolutePath(line.prefix { $0 != UInt8(ascii: "\n") }) else { return }
                let word =
                    switch host.look(at: path) {
                    case .missing: "missing"
                    case .found(let status): "\(status.kind)"
                    case .link(let target): "link \(PrintableText.escape(target))"
                    case .notProbed: "notProbed"
                    case .unreadable: "unreadable"
                    }
                write(1, word + "\n")
            }
        } catch {
            throw TrialError("\(error)")
        }
    }

    private static func run(_ words: [[UInt8]]) throws(TrialError) -> Int32 {
        guard words.count > 3, let separator = words.firstIndex(where: { $0.elementsEqual("--".utf8) }) else {
            throw TrialError("ACTS-FILE notify|off OPTION… -- COMMAND…")
        }
        let request = try request(words[2..<separator])
        let isNotifying = words[1].elementsEqual("notify".utf8)
        do {
            let acts = try Files.open(
                CString(words[0]), [.write, .create, .closeOnExec], mode: 0o600)
            let preparation = try Preparation(request, installation: Installation())
            let descriptors = try StandardDescriptors(for: preparation.view)
            let filter = try CommandFilter(preparation.policy.process, isNotifying: isNotifying)
            let plan = SandboxPlan(
                SandboxPlan.Inputs(
                    policy: preparation.policy, view: preparation.view, facts: preparation.facts,
                    workingDirectory: preparation.workspace, terminal: descriptors.terminal,
                    kernel: try KernelProbe.facts(), filter: filter.plain))
            let environment = CommandEnvironment(
                policy: preparation.policy, facts: preparation.facts, session: "trial")
            let session = Session(
                command: Command(Array(words[(separator + 1)...]), path: environment.value(of: "PATH")),
                environment: environment.entries, descriptors: descriptors, filter: filter)
            return try TrialLoop.run(plan, session, acts.number)
        } catch {
            throw TrialError("\(error)")
        }
    }

    private static func request(_ words: ArraySlice<[UInt8]>) throws(TrialError) -> Preparation.Request {
        var request = Preparation.Request()
        var rest = words
        while let option = rest.popFirst(), let value = rest.popFirst() {
            switch String(decoding: option, as: UTF8.self) {
            case "--profile": request.profiles.append(String(decoding: value, as: UTF8.self))
            case "--read": request.read.append(value)
            case "--write": request.write.append(value)
            case "--deny": request.deny.append(value)
            default: throw TrialError("there is no option \(PrintableText.escape(option))")
            }
        }
        return request
    }

    static func write(_ descriptor: Int32, _ text: String) {
        try? Files.writeAll(descriptor, Array(text.utf8))
    }
}

/// Why no trial could be made.
struct TrialError: Error {
    let text: String

    init(_ text: String) {
        self.text = text
    }
}
