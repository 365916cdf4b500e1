internal import Network

extension ScalarKind {
    /// The numbers of ports.
    static let ports: ClosedRange<UInt64> = 1...65535

    /// Types a scalar.
    func read(_ scalar: YAMLScalar) throws(ScalarError) -> SchemaValue {
        let text = scalar.text
        switch self {
        case .path(let wildcards):
            return .path(try PathExpression(scalar.bytes, wildcards: wildcards))
        case .variableValue:
            guard !scalar.bytes.contains(0) else {
                throw ScalarError("a value with a NUL byte", remedy: "remove \\0")
            }
            return .assignment(name: "", value: scalar.bytes)
        case .version:
            guard text == "1" else {
                throw ScalarError(
                    "version \(quoted(text)) of the format is not in this version", remedy: "write 1")
            }
            return .number(1)
        case .text: return .text(text)
        case .secret:
            guard !text.isEmpty else {
                throw ScalarError("an empty text, which is found everywhere", remedy: "remove it")
            }
            return .text(text)
        case .flag: return .flag(try Self.flag(text))
        case .choice(let words, let later): return .text(try Self.choice(text, words: words, later: later))
        case .integer(let range): return .number(try Self.integer(text, in: range))
        case .size: return .number(try Quantity.bytes(text))
        case .duration: return .number(try Quantity.milliseconds(text))
        case .hostRule, .hostOrAddressRule, .hostPattern, .address, .addressOfName, .loopbackPort:
            return try readNetwork(text)
        default: return .text(try readName(text))
        }
    }

    private func readNetwork(_ text: String) throws(ScalarError) -> SchemaValue {
        switch self {
        case .hostRule:
            let (target, port) = try HostRule.read(text, allowsAddress: false)
            try GrantableHost.check(target, written: text)
            if let port { try GrantableHost.check(port: port) }
            return .host(target, port: port)
        case .hostPattern:
            let target = try HostName.read(text, allowsWildcard: true)
            try GrantableHost.check(target, written: text)
            return .host(target, port: nil)
        case .address: return .address(try NetworkAddress.readAllowed(text))
        case .addressOfName: return .address(try NetworkAddress.readForName(text))
        case .loopbackPort:
            let number = try Self.integer(text, in: Self.ports)
            try GrantableHost.check(loopbackPort: number)
            return .number(number)
        default:
            let (target, port) = try HostRule.read(text, allowsAddress: true)
            return .host(target, port: port)
        }
    }

    private func readName(_ text: String) throws(ScalarError) -> String {
        switch self {
        case .profileReference: try ProfileReference.check(text)
        case .profileName: try ProfileReference.checkName(text)
        case .hostName: try Self.checkHostName(text)
        case .proxyURL: try HostRule.checkProxy(text)
        case .credentialsReference:
            guard text.hasPrefix("env:") else {
                throw ScalarError("credentials written out or of an unknown kind", remedy: "write env:NAME")
            }
            try VariableName.check(text.dropFirst(4), allowsWildcard: false)
        case .variableName: try VariableName.check(text[...], allowsWildcard: false)
        case .variablePattern: try VariableName.check(text[...], allowsWildcard: true)
        case .syscall: try Self.checkSyscall(text)
        case .test: try TestLine.check(text)
        default: break
        }
        return text
    }

    private static func checkHostName(_ text: String) throws(ScalarError) {
        let target = try HostName.read(text, allowsWildcard: false)
        try GrantableHost.check(target, written: text)
    }

    private static func flag(_ text: String) throws(ScalarError) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default: throw ScalarError("\(quoted(text)) is neither true nor false", remedy: "write true or false")
        }
    }

    private static func choice(
        _ text: String, words: [String], later: [String]
    ) throws(ScalarError) -> String {
        if words.contains(text) { return text }
        if later.contains(text) {
            throw ScalarError(
                "\(quoted(text)) is not in this version", remedy: "write \(Suggestion.alternatives(words))")
        }
        let guess = Suggestion.nearest(to: text, among: words).map { "did you mean \($0)?" }
        throw ScalarError(
            "\(quoted(text)) isn't one of the words that may stand here",
            remedy: guess ?? "write \(Suggestion.alternatives(words))")
    }

    private static func integer(_ text: String, in range: ClosedRange<UInt64>) throws(ScalarError) -> UInt64 {
        // Only digits: `1e3`, `0x10`, `010` and `1_000` mean different numbers to different readers.
        guard let value = Quantity.digits(text[...]) else {
            throw ScalarError(
                "\(quoted(text)) isn't a whole number",
                remedy: "write it with digits only, as in \(range.lowerBound)")
        }
        guard range.contains(value) else {
            throw ScalarError(
                "\(text) is out of range",
                remedy: "write a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func checkSyscall(_ text: String) throws(ScalarError) {
        let isName = text.utf8.allSatisfy {
            ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z"))
                || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: "_")
        }
        guard isName, let first = text.utf8.first, first > UInt8(ascii: "9") else {
            throw ScalarError(
                "\(quoted(text)) isn't the name of a system call",
                remedy: "write it as in syscalls(2), for instance ptrace")
        }
    }
}
