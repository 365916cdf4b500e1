internal import Fuzzer
internal import Linux
@testable internal import Profile

/// Patterns against paths, and shapes against shapes: the quick answers are those of the definition.
@main
enum FuzzPattern {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzPattern.check(Fuzzer.parts(unsafe Fuzzer.bytes(start, count), count: 3))
            return 0
        }
    }

    private static func check(_ parts: [[UInt8]]) {
        checkPath(parts[0])
        let first = try? PathExpression(parts[0], wildcards: .anyDepth)
        let second = try? PathExpression(parts[1], wildcards: .anyDepth)
        guard let first = first.flatMap(pattern) else { return }
        if let path = AbsolutePath(parts[2]) { checkMatching(first, path) }
        guard let second = second.flatMap(pattern), !hasAnyDepth(first), !hasAnyDepth(second) else { return }
        checkShapes(PathShape(first), PathShape(second), AbsolutePath(parts[2]))
    }

    private static func hasAnyDepth(_ pattern: PathPattern) -> Bool {
        pattern.wildcards.contains(.anyDepth)
    }

    private static func pattern(_ expression: PathExpression) -> PathPattern? {
        guard expression.anchor == .root else { return nil }
        return AbsolutePath.root.appending(relative: expression.literal).map {
            PathPattern(prefix: $0, wildcards: expression.wildcards, written: expression.written)
        }
    }

    /// Normal form stays as it is, and a path is its parent and its name.
    private static func checkPath(_ bytes: [UInt8]) {
        guard let path = AbsolutePath(bytes) else { return }
        Fuzzer.check(AbsolutePath(path.bytes) == path, "not in normal form: \(path)")
        Fuzzer.check(path.components.count == path.depth, "the depth of \(path)")
        if let parent = path.parent {
            Fuzzer.check(parent.appending(path.lastComponent) == path, "the parent of \(path)")
            Fuzzer.check(parent < path && parent.contains(path) && !path.contains(parent), "order at \(path)")
            Fuzzer.check(
                parent.relative(of: path).map { Array($0) } == Array(path.lastComponent), "below \(parent)")
        }
    }

    private static func checkMatching(_ pattern: PathPattern, _ path: AbsolutePath) {
        let prefix = pattern.prefix.components.map { PathPattern.Component.glob(Array($0)) }
        // A `*` of the literal prefix would be that character; the reader makes no such prefix.
        let whole = prefix + pattern.wildcards
        let names = path.components.map { Array($0) }
        Fuzzer.check(
            pattern.matches(path) == Reference.matches(whole, names), "\(pattern.written) matching \(path)")
        let covers = (0...names.count).contains { Reference.matches(whole, Array(names.prefix($0))) }
        Fuzzer.check(pattern.covers(path) == covers, "\(pattern.written) covering \(path)")
        for component in pattern.wildcards {
            guard case .glob(let glob) = component, let name = names.last else { continue }
            Fuzzer.check(
                component.matches(name) == Reference.matches(glob, name), "a component of \(pattern)")
        }
    }

    /// What two patterns have in common is in both, and one that covers another covers what that one names.
    private static func checkShapes(_ first: PathShape, _ second: PathShape, _ path: AbsolutePath?) {
        Fuzzer.check(first.overlaps(second) == second.overlaps(first), "overlap has a direction")
        Fuzzer.check(first.covers(first) && first.intersection(first) == first, "a pattern and itself")
        let common = first.intersection(second)
        Fuzzer.check(common == second.intersection(first), "intersection has a direction")
        if let common {
            Fuzzer.check(first.covers(common) && second.covers(common), "the intersection is outside")
        }
        guard let path else { return }
        let inFirst = first.pattern(written: "").covers(path)
        let inSecond = second.pattern(written: "").covers(path)
        if first.covers(second), inSecond { Fuzzer.check(inFirst, "covers, but not at \(path)") }
        if inFirst, inSecond { Fuzzer.check(first.overlaps(second), "no overlap, but at \(path)") }
        if let common, first.overlaps(second) {
            Fuzzer.check(
                common.pattern(written: "").covers(path) == (inFirst && inSecond),
                "the intersection at \(path)")
        }
    }
}
