import Linux
import Profile
import TestSupport
import Testing

@testable import Sandbox

/// A rule on a path of a host that doesn't exist.
struct TestRule {
    let path: String
    let kind: ViewRule.Kind
    /// What the line says, when links lead from there to the path.
    var named: String?
    var isMatch = false

    static func grant(_ access: Access, _ path: String) -> TestRule {
        TestRule(path: path, kind: .grant(access))
    }
    static func deny(_ path: String) -> TestRule { TestRule(path: path, kind: .deny) }
    static func protect(_ path: String) -> TestRule { TestRule(path: path, kind: .protect) }
    static func floor(_ path: String) -> TestRule { TestRule(path: path, kind: .floor) }
    static func own(_ path: String, _ place: OwnPlace) -> TestRule {
        TestRule(path: path, kind: .own(place))
    }

    var origin: Origin { Origin(authority: .user, source: "line of \(path)") }

    var rule: ViewRule {
        let isOwn = if case .own = kind { true } else { false }
        return ViewRule(
            path: AbsolutePath(path) ?? .root, kind: kind,
            status: isOwn ? nil : try? fakeStatus(AbsolutePath(path) ?? .root), origin: origin,
            named: AbsolutePath(named ?? path) ?? .root, isMatch: isMatch, written: path)
    }

    var tableRule: AccessTable.Rule {
        let effect: AccessTable.Effect =
            switch kind {
            case .grant(let access): .grant(access)
            case .deny: .deny
            case .protect: .protect
            case .floor, .own: .grant(.none)
            }
        return AccessTable.Rule(AbsolutePath(path) ?? .root, effect, origin)
    }

    static func random(using random: inout SplitMix) -> TestRule {
        let path = AbsolutePath.random(using: &random).description
        switch UInt8.random(in: 0..<5, using: &random) {
        case 0: return .grant(.read, path)
        case 1: return .grant(.write, path)
        case 2: return .deny(path)
        case 3: return .floor(path)
        default: return .protect(path)
        }
    }
}

/// What a host would say on which everything is a directory.
func fakeStatus(_ path: AbsolutePath) throws(Errno) -> FileStatus {
    try Files.status(CString(AbsolutePath.root))
}

extension AbsolutePath {
    /// A path of up to four components out of three names, so that rules meet often.
    static func random(using random: inout SplitMix) -> AbsolutePath {
        var path = AbsolutePath.root
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            path = path.appending(["a", "b", "c"][Int.random(in: 0..<3, using: &random)])
        }
        return path
    }
}
