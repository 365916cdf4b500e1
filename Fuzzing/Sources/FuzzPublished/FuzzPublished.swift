internal import Fuzzer
internal import Linux
internal import Network
internal import Profile
@testable internal import Sandbox

/// What is said of a policy inside (`/run/mews/policy`): understood as a whole or not at all, and then it
/// answers every question.
@main
enum FuzzPublished {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzPublished.check(unsafe Fuzzer.bytes(start, count))
            return 0
        }
    }

    private static func check(_ bytes: [UInt8]) {
        guard let context = try? PublishedPolicyReader.read(bytes) else { return }
        Fuzzer.check((try? PublishedPolicyReader.read(bytes.dropLast())) == nil, "a part was enough")
        Fuzzer.check((try? PublishedPolicyReader.read(bytes + [0x0a])) == nil, "an empty line was read")
        for path in [AbsolutePath.root, context.workspace] + context.mounts.prefix(20).map(\.path) {
            for use in FileUse.allCases {
                let answer = Explanation(of: use, at: path, in: context)
                Fuzzer.check(answer.verdict == .denied || answer.fix == nil, "a fix for what is allowed")
                requirePlain(answer.reason)
                let isMasked = context.mount(of: path)?.place == .mask
                Fuzzer.check(!isMasked || answer.verdict == .denied, "a mask was open")
            }
        }
        checkNetwork(context)
    }

    /// A denial wins over each line that allows, and every answer can be shown.
    private static func checkNetwork(_ context: ExplanationContext) {
        for endpoint in endpoints(context).prefix(40) {
            let answer = ConnectExplanation(to: endpoint, in: context.network)
            Fuzzer.check(answer.verdict == .denied || answer.fix == nil, "a fix for what is allowed")
            Fuzzer.check(
                (answer.verdict == .denied) == (answer.check == nil) || answer.rule == nil, "\(answer)")
            ([answer.reason] + answer.notes + [answer.rule?.description ?? ""]).forEach(requirePlain)
            guard answer.rule?.key == "network.allow", case .name(let name) = endpoint.host else { continue }
            let isDenied = context.network.deny.contains { denial in
                guard denial.value.port == nil || denial.value.port == endpoint.port else { return false }
                switch denial.value.target {
                case .exact(let denied): return denied == name
                case .below(let parent): return name.text.hasSuffix("." + parent.text)
                case .address: return false
                }
            }
            Fuzzer.check(!isDenied || answer.verdict == .denied, "\(endpoint) is allowed past its denial")
        }
    }

    private static func endpoints(_ context: ExplanationContext) -> [RequestedEndpoint] {
        let network = context.network
        let targets = network.allow.map(\.value.target) + network.deny.map(\.value.target)
        let ports = network.allow.flatMap(\.value.ports).prefix(4) + [443, 53, 0]
        return targets.prefix(20).flatMap { target -> [RequestedEndpoint] in
            let host: RequestedHost?
            switch target {
            case .exact(let name): host = .name(name)
            case .below(let name): host = DomainName("x." + name.text).map { .name($0) }
            case .address(let address): host = .address(address)
            }
            return host.map { host in ports.map { RequestedEndpoint(host, $0) } } ?? []
        }
    }

    private static func requirePlain(_ text: String) {
        Fuzzer.check(
            text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f },
            "words that act on a terminal")
    }
}
