internal import Linux
internal import Sandbox

/// The text of Claude Code's settings, with and without what Mews has in them. Everything else stays as it is, byte for
/// byte.
struct AgentSettings {
    /// The settings can't be changed.
    struct Refusal: Error {
        /// Why, and what to do.
        let reason: String
    }

    /// A hook: on which event, for which tools, and the line.
    struct Hook {
        /// Claude Code's event.
        let event: String
        /// The tools that it is for; empty for events that have none.
        let matcher: String
        /// What runs.
        let line: String
    }

    /// The text.
    private(set) var bytes: [UInt8]
    private let prefix: String
    private let hooks: [Hook]
    private static let variable = "CLAUDE_CODE_SHELL_PREFIX"
    private static let deepest = 5

    /// Takes a text; none is an empty one.
    init(_ bytes: [UInt8], prefix: String, hooks: [Hook]) {
        let isEmpty = bytes.allSatisfy { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
        self.bytes = isEmpty ? Array("{}\n".utf8) : bytes
        self.prefix = prefix
        self.hooks = hooks
    }

    private func root() throws(Refusal) -> JSONTree.Value {
        let root: JSONTree.Value
        do throws(JSONTree.Malformed) {
            root = try JSONTree(bytes).root
        } catch {
            throw Refusal(reason: "the settings aren't JSON (byte \(error.position)); mend them first")
        }
        guard root.members != nil else {
            throw Refusal(reason: "the settings aren't a JSON object; mend them first")
        }
        return root
    }

    /// Whether the prefix is in them.
    var hasPrefix: Bool { (try? root())?["env"]?[Self.variable]?.text == prefix }

    /// The hooks that aren't in them.
    var missingHooks: [Hook] {
        guard let root = try? root() else { return hooks }
        return hooks.filter { hook in
            !(root["hooks"]?[hook.event]?.elements ?? []).contains { Self.lines(of: $0).contains(hook.line) }
        }
    }

    private static func lines(of group: JSONTree.Value) -> [String] {
        (group["hooks"]?.elements ?? []).compactMap { $0["command"]?.text }
    }

    /// Puts in what isn't there.
    mutating func insert() throws(Refusal) {
        let root = try root()
        if let other = root["env"]?[Self.variable] {
            guard other.text == prefix else {
                throw Refusal(reason: "another prefix is set (env.\(Self.variable)); take it out first")
            }
        } else {
            try insert(member: Self.variable, "\"\(prefix)\"", into: ["env"])
        }
        for hook in missingHooks { try insert(hook) }
    }

    private mutating func insert(_ hook: Hook) throws(Refusal) {
        let matcher = hook.matcher.isEmpty ? "" : "\"matcher\": \"\(hook.matcher)\", "
        let group = "{\(matcher)\"hooks\": [{\"type\": \"command\", \"command\": \"\(hook.line)\"}]}"
        guard let groups = try root()["hooks"]?[hook.event] else {
            return try insert(member: hook.event, "[\(group)]", into: ["hooks"])
        }
        guard let elements = groups.elements else {
            throw Refusal(reason: "hooks.\(hook.event) isn't an array; mend it first")
        }
        if let last = elements.last {
            bytes.insert(contentsOf: Array(", \(group)".utf8), at: last.range.upperBound)
        } else {
            bytes.replaceSubrange(groups.range, with: Array("[\(group)]".utf8))
        }
    }

    /// Puts a member at the beginning of an object that is found by names, and made where it is missing.
    private mutating func insert(member: String, _ value: String, into path: [String]) throws(Refusal) {
        var object = try root()
        for (depth, name) in path.enumerated() {
            guard let inner = object[name] else {
                let made =
                    "{\n" + Self.indent(depth + 2) + "\"\(member)\": \(value)\n" + Self.indent(depth + 1)
                    + "}"
                return insert(name, made, into: object, depth)
            }
            guard inner.members != nil else {
                throw Refusal(reason: "\(name) isn't an object; mend it first")
            }
            object = inner
        }
        insert(member, value, into: object, path.count)
    }

    private mutating func insert(_ name: String, _ value: String, into object: JSONTree.Value, _ depth: Int) {
        let start = "\n" + Self.indent(depth + 1) + "\"\(name)\": \(value)"
        if object.members?.isEmpty ?? true {
            bytes.replaceSubrange(object.range, with: Array("{\(start)\n\(Self.indent(depth))}".utf8))
        } else {
            bytes.insert(contentsOf: Array((start + ",").utf8), at: object.range.lowerBound + 1)
        }
    }

    private static func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

    /// Takes out what Mews put in, and the objects and arrays that are empty for that.
    mutating func remove() throws(Refusal) {
        if hasPrefix {
            try remove(["env", Self.variable])
            if try root()["env"]?.members?.isEmpty ?? false { try remove(["env"]) }
        }
        var isFound = false
        for hook in hooks {
            while try removeGroup(of: hook) { isFound = true }
        }
        if isFound, try root()["hooks"]?.members?.isEmpty ?? false { try remove(["hooks"]) }
    }

    private mutating func removeGroup(of hook: Hook) throws(Refusal) -> Bool {
        guard let groups = try root()["hooks"]?[hook.event], let elements = groups.elements,
            let index = elements.firstIndex(where: { Self.lines(of: $0) == [hook.line] })
        else { return false }
        if elements.count == 1 {
            try remove(["hooks", hook.event])
        } else {
            cut(elements.map(\.range), index, in: groups.range)
        }
        return true
    }

    private mutating func remove(_ path: [String]) throws(Refusal) {
        var object = try root()
        for name in path.dropLast() {
            guard let inner = object[name] else { return }
            object = inner
        }
        guard let members = object.members, let index = members.firstIndex(where: { $0.name == path.last })
        else {
            return
        }
        cut(members.map { $0.start..<$0.value.range.upperBound }, index, in: object.range)
    }

    /// The comma behind a value, between which is nothing but space.
    private func comma(from position: Int) -> Int {
        bytes[position...].firstIndex(of: UInt8(ascii: ",")) ?? position
    }

    /// Cuts one of several things in a container, with the comma that parts it from its neighbour.
    private mutating func cut(_ ranges: [Range<Int>], _ index: Int, in container: Range<Int>) {
        if ranges.count == 1 {
            bytes.removeSubrange((container.lowerBound + 1)..<(container.upperBound - 1))
        } else if index + 1 < ranges.count {
            // From the comma or the bracket before to the comma behind: as it is put in.
            let start = index == 0 ? container.lowerBound + 1 : comma(from: ranges[index - 1].upperBound) + 1
            bytes.removeSubrange(start...comma(from: ranges[index].upperBound))
        } else {
            bytes.removeSubrange(ranges[index - 1].upperBound..<ranges[index].upperBound)
        }
    }
}
