import Linux
import Profile

@testable import Sandbox

/// A session on a host on which every path that a line names is there and a directory.
struct TestSession {
    static let home = "/h"
    static let workspace = "/h/w"

    let policy: Policy
    let view: View
    let context: ExplanationContext

    /// Decides on a profile's text, and on what extends it.
    init(_ text: String, extended: String? = nil, repository: String? = nil) throws {
        let workspace = AbsolutePath(Self.workspace) ?? .root
        let home = AbsolutePath(Self.home)
        let profiles = ProfileContext(
            home: home, workspace: workspace, cache: AbsolutePath("/h/.cache/mews/x") ?? .root,
            variable: { _ in nil }, builtInDirectory: .root, reserved: [])
        let files = [
            "/p/base.yaml": text, "/p/more.yaml": extended ?? "", "/h/w/.mews.yaml": repository ?? "",
        ]
        let builder = PolicyBuilder(context: profiles) { path, _ throws(Diagnostic) in
            files[path.description].map { Array($0.utf8) }
        }
        policy = try builder.policy(
            for: PolicyRequest(
                profiles: [extended == nil ? "/p/base.yaml" : "/p/more.yaml"], currentDirectory: workspace,
                repositoryFile: repository == nil ? nil : workspace.appending(".mews.yaml")))
        let layout = try ViewLayout(Self.rules(policy, workspace), status: fakeStatus)
        view = View(
            mounts: layout.mounts, nodes: ViewSkeleton(for: layout).nodes, links: [], skipped: [], files: [],
            watched: [], held: HeldPlaces([]))
        context = ExplanationContext(policy: policy, view: view, workspace: workspace, home: home)
    }

    func explain(_ use: FileUse, _ path: String, second: String? = nil) -> Explanation {
        Explanation(
            of: use, at: AbsolutePath(path) ?? .root, second: second.flatMap { AbsolutePath($0) }, in: context
        )
    }

    private static func rules(_ policy: Policy, _ workspace: AbsolutePath) -> [ViewRule] {
        let files = policy.fileSystem
        var rules: [ViewRule] = []
        if files.workspace.value != .none {
            rules.append(
                rule(
                    PathPattern(prefix: workspace, written: ViewBuilder.workspaceName + "\(workspace)"),
                    .grant(files.workspace.value), files.workspace.origin))
        }
        rules += files.grants.map { rule($0.pattern, .grant($0.access), $0.origin) }
        rules += policy.network.unixSockets.map { rule($0.pattern, .grant(.read), $0.origin) }
        rules += ViewBuilder.floor(of: policy).map { rule($0.pattern, .floor, $0.origin) }
        rules += (files.reserved + files.deny).map { rule($0.pattern, .deny, $0.origin) }
        rules += files.protect.map { rule($0.pattern, .protect, $0.origin) }
        let own: [(String, OwnPlace)] = [
            ("/tmp", .directory(name: "tmp")), ("/proc", .processes), ("/dev", .devices),
            ("/run/mews", .published),
        ]
        // Wildcards match nothing here.
        rules.removeAll { $0.isMatch }
        return rules
            + own.map { path, place in
                rule(
                    PathPattern(prefix: AbsolutePath(path) ?? .root, written: path), .own(place),
                    Origin(authority: .user, source: ViewBuilder.ownSource))
            }
    }

    private static func rule(_ pattern: PathPattern, _ kind: ViewRule.Kind, _ origin: Origin) -> ViewRule {
        let isOwn = if case .own = kind { true } else { false }
        return ViewRule(
            path: pattern.prefix, kind: kind, status: isOwn ? nil : try? fakeStatus(.root), origin: origin,
            named: pattern.prefix, isMatch: !pattern.isLiteral, written: pattern.written,
            line: pattern.written)
    }
}
