internal import Audit
internal import Linux
internal import Profile
internal import Sandbox

/// The effective policy and view of a launch, for reading: one line an entry, and behind `#` the line of the
/// file that it comes from.
struct PolicyReport: CustomStringConvertible {
    /// Cells, then the place.
    typealias Row = (cells: [String], origin: Origin?)

    private let policy: Policy
    private let view: View
    private let workspace: AbsolutePath

    init(_ preparation: Preparation) {
        policy = preparation.policy
        view = preparation.view
        workspace = preparation.workspace
    }

    /// All sections that have something to say.
    var description: String {
        let sections: [(title: String, rows: [Row])] = [
            ("profile", header), ("granted", grants), ("denied", restrictions(policy.fileSystem.deny)),
            ("protected", restrictions(policy.fileSystem.protect)),
            ("never covered by a grant of a directory above", restrictions(policy.fileSystem.floor)),
            ("never granted", restrictions(policy.fileSystem.reserved)),
            ("mounts of the view", view.mounts.map(Self.row)), ("links in the view", links),
            ("skipped", skipped), ("looked at after the run, because nothing can be mounted there", watched),
            ("network", Self.rows(of: policy.network)), ("environment", environment), ("limits", limits),
            ("system calls", systemCalls), ("audit", audit),
            ("tests", tests),
        ]
        let shown = sections.filter { !$0.rows.isEmpty }.map { Self.section($0.title, $0.rows) }
        return shown.joined(separator: "\n") + "\n" + Self.notes
            + (policy.network.allow.isEmpty && policy.network.loopback.isEmpty ? Self.noNetwork : "")
    }

    private static let notes = """
        Lines under `tests:` are checked for their syntax only; they are not run in this version.

        """

    private static let noNetwork = """
        No line allows a host: the command has a loopback interface of its own and nothing else.

        """

    private static func section(_ title: String, _ rows: [Row]) -> String {
        let table = TextTable(
            rows.map { row in ["  " + (row.cells.first ?? "")] + row.cells.dropFirst() + place(row.origin) })
        return "\(title):\n\(table)"
    }

    private static func place(_ origin: Origin?) -> [String] {
        origin.map { ["# \($0)"] } ?? []
    }
}

extension PolicyReport {
    private var header: [Row] {
        let digest = Hexadecimal.text(SHA256.digest(of: policy.canonicalForm))
        return [
            (["name", policy.name], nil), (["workspace", "\(workspace)"], nil),
            (["require", "\(policy.require.value)"], policy.require.origin),
            (["sha-256", digest], nil),
        ] + policy.files.map { (["file", "\($0.path)"], nil) }
    }

    private var grants: [Row] {
        let files = policy.fileSystem
        var rows: [Row] = [
            (["\(files.workspace.value)", "the workspace", "\(workspace)"], files.workspace.origin)
        ]
        rows += files.grants.map { grant in
            let name = grant.createsDirectory ? "\(grant.access), made when missing" : "\(grant.access)"
            return ([name, grant.pattern.written, Self.expanded(grant.pattern)], grant.origin)
        }
        rows.append((["hide", "\(files.hide.value)", ""], files.hide.origin))
        rows.append((["tmp", "\(files.temporarySize.value) bytes", ""], files.temporarySize.origin))
        return rows
    }

    private func restrictions(_ restrictions: [Restriction]) -> [Row] {
        restrictions.map { ([$0.pattern.written, Self.expanded($0.pattern), $0.reason ?? ""], $0.origin) }
    }

    /// What the written form stands for; empty when it says so itself.
    private static func expanded(_ pattern: PathPattern) -> String {
        let rest = pattern.wildcards.map { component in
            switch component {
            case .glob(let bytes): "/" + PrintableText.escape(bytes)
            case .anyDepth: "/**"
            }
        }
        let text = pattern.prefix.description + rest.joined()
        return text == pattern.written ? "" : text
    }

    private static func row(_ mount: ViewMount) -> Row {
        let what =
            switch mount.reason {
            case .grant: "\(mount.access)"
            case .mask: "mask"
            case .protect: "protect"
            case .pin: "pin"
            case .own: "own"
            }
        return ([what, "\(mount.destination)"], mount.origin)
    }

    private var links: [Row] {
        view.links.map { (["\($0.path)", "-> \(PrintableText.escape($0.target))"], nil) }
    }

    private var skipped: [Row] {
        policy.fileSystem.skipped.map { ([$0.written, $0.reason], $0.origin) }
            + view.skipped.map { ([$0.written, $0.reason], $0.origin) }
    }

    private var watched: [Row] {
        view.watched.map { (["\($0.path)"], $0.origin) }
    }

    private var environment: [Row] {
        policy.process.pass.map { (["pass", $0.value], $0.origin) }
            + policy.process.set.map { name, value in
                (["set", "\(name)=\(PrintableText.escape(value.value))"], value.origin)
            }
    }

    private var limits: [Row] {
        let limits = policy.process.limits
        let all: [(name: String, limit: Sourced<UInt64>?, unit: String)] = [
            ("time", limits.time, "ms"), ("processes", limits.processes, ""),
            ("open-files", limits.openFiles, ""), ("file-size", limits.fileSize, "bytes"),
        ]
        return all.compactMap { name, limit, unit in
            limit.map { ([name, unit.isEmpty ? "\($0.value)" : "\($0.value) \(unit)"], $0.origin) }
        }
    }

    private var systemCalls: [Row] {
        policy.process.allowedSyscalls.map { (["allow", $0.value], $0.origin) }
            + policy.process.deniedSyscalls.map { (["deny", $0.value], $0.origin) }
            + [(["debug", "\(policy.process.debug.value)"], policy.process.debug.origin)]
    }

    /// Not the texts that are replaced: what nobody shall read in a log, nobody wants on a screen.
    private var audit: [Row] {
        let audit = policy.audit
        let days = audit.retain.value / 86_400_000
        let kept = "at least \(audit.retain.value) ms (\(days) days); nothing deletes logs in this version"
        return [
            (["level", audit.level.value.word], audit.level.origin),
            (["reads", audit.reads.value.rawValue], audit.reads.origin),
            (["durability", audit.durability.value.rawValue], audit.durability.origin),
            (["on-failure", audit.onFailure.value.rawValue], audit.onFailure.origin),
            (["retain", kept], audit.retain.origin),
        ] + audit.redact.map { (["redact", "a text of \($0.value.count) characters"], $0.origin) }
    }

    private var tests: [Row] {
        policy.tests.map { ([$0.value], $0.origin) }
    }
}
