internal import Linux

/// The options of the command line as settings.
struct OptionLayer {
    private(set) var settings: [Setting] = []
    /// Path options, with the base that is left after their leading `.` and `..`.
    private(set) var paths:
        [(key: ProfileKey, expression: PathExpression, base: AbsolutePath, origin: Origin)] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(_ request: PolicyRequest) {
        for value in request.read { add(.read, "--read", value, .component, request) }
        for value in request.write { add(.write, "--write", value, .component, request) }
        for value in request.deny { add(.deny, "--deny", value, .anyDepth, request) }
        for value in request.allow { add(.networkAllow, "--allow", value, .hostRule) }
        for value in request.environment { addVariable(value) }
        if let timeout = request.timeout { add(.time, "--timeout", timeout, .duration) }
        if let require = request.require {
            add(.require, "--require", require, .choice(["full", "namespaces", "landlock"]))
        }
    }

    private mutating func add(
        _ key: ProfileKey, _ option: String, _ value: [UInt8], _ wildcards: PathExpression.Wildcards,
        _ request: PolicyRequest
    ) {
        let origin = Origin(authority: .user, source: option)
        do throws(ScalarError) {
            let dot = UInt8(ascii: ".")
            guard value.first == dot else {
                let expression = try PathExpression(value, wildcards: wildcards)
                return paths.append((key, expression, request.currentDirectory, origin))
            }
            guard let (base, rest) = RelativePath.split(value, below: request.currentDirectory, climbs: true)
            else {
                throw ScalarError("\(quoted(PrintableText.escape(value))) leads above the root", remedy: "")
            }
            let written = PrintableText.escape(value)
            guard !rest.isEmpty else {
                let expression = PathExpression(
                    anchor: .relative, literal: [], wildcards: [], written: written)
                return paths.append((key, expression, base, origin))
            }
            // The rest is relative whatever it begins with: `./~` is a file of that name.
            let inner = try PathExpression(
                [dot, UInt8(ascii: "x"), UInt8(ascii: "/")] + rest, wildcards: wildcards)
            let expression = PathExpression(
                anchor: .relative, literal: Array(inner.literal.dropFirst(3)), wildcards: inner.wildcards,
                written: written)
            paths.append((key, expression, base, origin))
        } catch {
            diagnostics.append(Diagnostic(origin, error.problem, remedy: error.remedy))
        }
    }

    private mutating func addVariable(_ text: String) {
        guard let equals = text.firstIndex(of: "=") else {
            return add(.pass, "--env", text, .variablePattern)
        }
        let origin = Origin(authority: .user, source: "--env")
        do throws(ScalarError) {
            try VariableName.check(text[..<equals], allowsWildcard: false)
            let value = Array(text[equals...].utf8.dropFirst())
            let name = String(text[..<equals])
            settings.append(Setting(key: .set, value: .assignment(name: name, value: value), origin: origin))
        } catch {
            diagnostics.append(Diagnostic(origin, error.problem, remedy: error.remedy))
        }
    }

    private mutating func add(_ key: ProfileKey, _ option: String, _ text: String, _ kind: ScalarKind) {
        let origin = Origin(authority: .user, source: option)
        do throws(ScalarError) {
            let value = try kind.read(YAMLScalar(text: text, escapedBytes: nil))
            settings.append(Setting(key: key, value: value, origin: origin))
        } catch {
            diagnostics.append(Diagnostic(origin, error.problem, remedy: error.remedy))
        }
    }
}
