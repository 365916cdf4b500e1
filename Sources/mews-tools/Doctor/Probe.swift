internal import Linux
internal import Sandbox

/// Something to try, for real.
struct Probe {
    let name: String
    /// The layer that it is about.
    let layer: Layer?
    /// What its failure means.
    let failure: Check.State
    /// Returns what was found; throws what the kernel refused, with the remedy.
    let attempt: () throws(SandboxError) -> String

    init(
        _ name: String, _ layer: Layer?, failure: Check.State = .no,
        _ attempt: @escaping () throws(SandboxError) -> String
    ) {
        self.name = name
        self.layer = layer
        self.failure = failure
        self.attempt = attempt
    }

    /// Tries it.
    func check() -> Check { Self.check(name, layer, failure: failure, attempt) }

    /// Tries something under a name.
    static func check(
        _ name: String, _ layer: Layer?, failure: Check.State = .no,
        _ attempt: () throws(SandboxError) -> String
    ) -> Check {
        do throws(SandboxError) {
            return Check(name: name, layer: layer, state: .yes, answer: try attempt(), remedy: "")
        } catch {
            var answer = error.origin.map { "\($0): " } ?? ""
            answer += error.problem
            if let errno = error.errno { answer += ": \(errno)" }
            return Check(name: name, layer: layer, state: failure, answer: answer, remedy: error.hint)
        }
    }

    /// Does one step, and says what its failure means.
    static func step<Value: ~Copyable>(
        _ failure: (Errno) -> SandboxError, _ body: () throws(Errno) -> Value
    ) throws(SandboxError) -> Value {
        do throws(Errno) {
            return try body()
        } catch {
            throw failure(error)
        }
    }

    /// Does something that must be refused with an errno now.
    static func requireRefusal(
        _ wanted: Errno, of action: String, _ body: () throws(Errno) -> Void
    ) throws(SandboxError) {
        do throws(Errno) {
            try body()
        } catch {
            guard error == wanted else {
                throw SandboxError(.failed, "\(action) was refused for another reason", errno: error)
            }
            return
        }
        throw SandboxError(
            .failed, "\(action) was not refused", hint: "do not use this kernel for Mews, and report it")
    }
}
