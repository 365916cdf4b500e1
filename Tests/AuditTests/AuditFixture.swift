import Audit
import Foundation
import Linux

/// A directory of a test's own, with what it takes to write a log in it.
final class AuditFixture {
    let stateHome: AbsolutePath
    let session: SessionIdentifier
    var bounds = AuditBounds()
    var onFailure = AuditSettings.FailureResponse.stop
    /// Nanoseconds of both clocks.
    var time: Int64 = 1_700_000_000_000_000_000

    init() throws {
        let name = "/var/tmp/mews-audit-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: false)
        stateHome = AbsolutePath(name) ?? .root
        var random = SystemRandomNumberGenerator()
        session = SessionIdentifier(milliseconds: 1_700_000_000_000, using: &random)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: stateHome.description)
    }

    var user: UInt32 { Processes.identity().user }
    var owner: AuditOwner {
        AuditOwner(
            session: session, programVersion: "0.2.0", userName: "developer", user: user, hostName: "host")
    }
    var now: Moment { Moment(realtime: time, monotonic: time) }
    var directory: AbsolutePath { stateHome.appending("mews").appending("audit") }
    var path: AbsolutePath { directory.appending("\(session).jsonl") }

    func log() throws -> AuditLog {
        let settings = AuditSettings(onFailure: onFailure, bounds: bounds)
        var log = try AuditLog(in: AuditDirectory(stateHome: stateHome, user: user), of: owner, settings)
        try log.start(Self.start(), at: now)
        return log
    }

    func bytes(_ path: AbsolutePath? = nil) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: (path ?? self.path).description)))
    }

    /// The records, each checked to be canonical and the next in the chain.
    func records() throws -> [JSONValue] {
        try Self.chain(bytes(), prefix: "mews.audit.v1\n") { $0["unmapped", "mews"] }
    }

    func entries() throws -> [JSONValue] {
        try Self.chain(bytes(directory.appending("ledger.jsonl")), prefix: "mews.ledger.v1\n") { $0 }
    }

    struct Unsound: Error {
        let what: String
        let line: Int
    }

    static func chain(
        _ bytes: [UInt8], prefix: String, _ holder: (JSONValue) -> JSONValue?
    ) throws -> [JSONValue] {
        var previous = String(repeating: "0", count: 64)
        guard bytes.isEmpty || bytes.last == 10 else { throw Unsound(what: "torn", line: -1) }
        return try bytes.split(separator: 10).enumerated().map { index, line in
            let record = JSONValue(line)
            let text = String(decoding: line, as: UTF8.self)
            if record.canonical != text { throw Unsound(what: "not canonical: \(text)", line: index) }
            if line.count >= 65_536 { throw Unsound(what: "too long", line: index) }
            let hash = holder(record)?["hash"]?.text ?? ""
            let rest = text.replacingOccurrences(of: "\"hash\":\"\(hash)\",", with: "")
            let digest = Hexadecimal.text(SHA256.digest(of: Array((prefix + rest).utf8)))
            if digest != hash { throw Unsound(what: "hash", line: index) }
            if holder(record)?["prev"]?.text != previous { throw Unsound(what: "prev", line: index) }
            let sequence = (record["metadata", "sequence"] ?? record["sequence"])?.number
            if sequence != index { throw Unsound(what: "sequence", line: index) }
            previous = hash
            return record
        }
    }

    static func start(_ arguments: [String] = ["true"]) -> SessionStart {
        let digest = [UInt8](repeating: 7, count: 32)
        let file = AuditedPolicy.File(name: "workspace", path: bytes("/p/workspace.yaml"), digest: digest)
        return SessionStart(
            policy: AuditedPolicy(name: "workspace", digest: digest, files: [file]), kernelRelease: "6.18.0",
            landlockVersion: 7, level: "full",
            observation: SessionStart.Observation(reads: .fuse, writes: .notify), workspace: bytes("/w"),
            workingDirectory: bytes("/w/sub"), arguments: arguments.map(bytes), nonce: digest)
    }

    static func denial(
        _ path: [UInt8], _ activity: FileActivity = .open, program: String? = "/usr/bin/cat"
    ) -> Denial {
        Denial(
            .file(activity, path), .outsideView, call: "openat", errno: .accessDenied,
            process: AuditedProcess(process: 3, name: bytes("cat"), program: program.map(bytes)),
            rule: .default, message: "cat may not read \(PrintableText.escape(path)).", fix: nil)
    }

    static func denial(_ path: String, _ activity: FileActivity = .open) -> Denial {
        denial(bytes(path), activity)
    }

    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}

extension [JSONValue] {
    /// The records of a code.
    func of(_ code: String) -> [JSONValue] {
        filter { $0["metadata", "event_code"]?.text == code }
    }

    /// Whether the totals of the last record are what the others add up to.
    var addsUp: Bool {
        guard let end = last, let totals = end["unmapped", "mews", "totals"]?.members else { return false }
        let codes = Set(compactMap { $0["metadata", "event_code"]?.text }).union(totals.keys)
        return end["unmapped", "mews", "records"]?.number == count
            && codes.allSatisfy { code in
                let own = of(code)
                let told = own.reduce(0) { $0 + (code == "audit.gap" ? 1 : $1["count"]?.number ?? 1) }
                let lost = of("audit.gap").reduce(0) {
                    $0 + ($1["unmapped", "mews", "lost", code]?.number ?? 0)
                }
                return totals[code]?["records"]?.number ?? 0 == own.count
                    && totals[code]?["lost"]?.number ?? 0 == lost
                    && totals[code]?["acts"]?.number ?? 0 == told + lost
            }
    }
}
