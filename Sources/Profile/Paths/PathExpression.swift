internal import Linux

/// A path as a profile has it, checked but not yet expanded: where it begins, then components.
struct PathExpression: Hashable, Sendable {
    /// What the path begins with.
    enum Anchor: Hashable, Sendable {
        case root
        case home
        case workspace
        case cache
        case base(BaseDirectory)
        /// Nothing: below the workspace, or the current directory for an option.
        case relative
    }

    /// The wildcards that may stand in a path.
    enum Wildcards: Sendable {
        case none
        /// `*` within a component.
        case component
        /// Also `**`, below a literal prefix.
        case anyDepth
    }

    let anchor: Anchor
    /// The components before the first wildcard, joined with `/`.
    let literal: [UInt8]
    /// From the first component with a wildcard on.
    let wildcards: [PathPattern.Component]
    /// As it was written, for messages.
    let written: String

    /// The most bytes of a path: what the kernel takes, less its NUL (PATH_MAX, path_resolution(7)).
    static let greatestSize = 4095

    /// Reads a path.
    ///
    /// - Throws: when it is empty or longer than the kernel takes, has a NUL byte, a `.` or `..` component, an unknown variable, or a
    ///   wildcard that may not stand there.
    init(_ bytes: [UInt8], wildcards allowed: Wildcards) throws(ScalarError) {
        // First of all: the steps after this one take time and memory that grow with the square of the depth.
        guard bytes.count <= Self.greatestSize else {
            throw ScalarError(
                "a path of more than \(Self.greatestSize) bytes",
                remedy: "no file has such a name: shorten it")
        }
        let written = Self.text(of: bytes)
        guard !bytes.isEmpty else {
            throw ScalarError("an empty path", remedy: "write a path, or remove the line")
        }
        guard !bytes.contains(0) else {
            throw ScalarError("a path with a NUL byte", remedy: "no file has such a name: remove it")
        }
        let (anchor, rest) = try Self.anchor(of: bytes)
        var literal: [UInt8] = []
        var wildcards: [PathPattern.Component] = []
        var position = rest.startIndex
        while let component = Self.component(of: rest, from: &position) {
            guard !Self.isDots(component) else {
                throw ScalarError(
                    "'.' and '..' in a path",
                    remedy: "write the path that is meant: links would make it another")
            }
            if wildcards.isEmpty, !component.contains(UInt8(ascii: "*")) {
                if !literal.isEmpty { literal.append(UInt8(ascii: "/")) }
                literal.append(contentsOf: component)
            } else {
                wildcards.append(try Self.wildcard(component, allowed: allowed))
            }
        }
        if anchor == .root, literal.isEmpty, wildcards.contains(.anyDepth) {
            throw ScalarError(
                "'**' below the root", remedy: "begin with a directory, as in \"/srv/**/secrets\"")
        }
        self.init(anchor: anchor, literal: literal, wildcards: wildcards, written: written)
    }

    /// Joins the parts.
    init(anchor: Anchor, literal: [UInt8], wildcards: [PathPattern.Component], written: String) {
        self.anchor = anchor
        self.literal = literal
        self.wildcards = wildcards
        self.written = written
    }

    /// The next component; nil at the end. By hand rather than by `split`, since this is done for every
    /// path of every launch.
    private static func component(
        of path: ArraySlice<UInt8>, from position: inout Int
    ) -> ArraySlice<UInt8>? {
        while position < path.endIndex, path[position] == UInt8(ascii: "/") { position += 1 }
        guard position < path.endIndex else { return nil }
        let start = position
        while position < path.endIndex, path[position] != UInt8(ascii: "/") { position += 1 }
        return path[start..<position]
    }

    private static func isDots(_ component: ArraySlice<UInt8>) -> Bool {
        component.count <= 2 && component.allSatisfy { $0 == UInt8(ascii: ".") }
    }

    private static func text(of bytes: [UInt8]) -> String {
        for byte in bytes where byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\\") {
            return PrintableText.escape(bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func wildcard(
        _ component: ArraySlice<UInt8>, allowed: Wildcards
    ) throws(ScalarError) -> PathPattern.Component {
        let stars = component.indices.filter { component[$0] == UInt8(ascii: "*") }
        if stars.isEmpty { return .glob(Array(component)) }
        let isAnyDepth = zip(stars, stars.dropFirst()).contains { $1 == $0 + 1 }
        switch (isAnyDepth, allowed) {
        case (_, .none):
            throw ScalarError("'*' in a path that has to name one file", remedy: "write the path out")
        case (true, .component):
            throw ScalarError(
                "'**' in a grant", remedy: "name the directory itself: a grant covers what is below")
        case (true, .anyDepth):
            guard component.count == 2 else {
                throw ScalarError(
                    "'**' beside other characters", remedy: "let ** stand alone between slashes")
            }
            return .anyDepth
        case (false, _):
            return .glob(Array(component))
        }
    }

    private static func anchor(of bytes: [UInt8]) throws(ScalarError) -> (Anchor, ArraySlice<UInt8>) {
        guard let first = bytes.first else { return (.relative, bytes[...]) }
        if first == UInt8(ascii: "/") { return (.root, bytes[...]) }
        let end = bytes.firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
        let rest = bytes[end...]
        if first == UInt8(ascii: "~") {
            guard end == 1 else {
                throw ScalarError(
                    "'~' stands only for your own home directory",
                    remedy: "write the absolute path of the other one")
            }
            return (.home, rest)
        }
        guard first == UInt8(ascii: "$") else { return (.relative, bytes[...]) }
        let variable = String(decoding: bytes[..<end], as: UTF8.self)
        switch variable {
        case "${workspace}": return (.workspace, rest)
        case "${cache}": return (.cache, rest)
        default:
            if let directory = BaseDirectory(rawValue: String(variable.dropFirst())) {
                return (.base(directory), rest)
            }
            throw unknown(variable)
        }
    }

    private static func unknown(_ variable: String) -> ScalarError {
        let known = ["${workspace}", "${cache}"] + BaseDirectory.allCases.map { "$" + $0.rawValue }
        let plain = "$" + variable.filter { !"${}".contains($0) }
        let exact = [
            "$HOME": "~", "$PWD": "${workspace}", "$workspace": "${workspace}", "$cache": "${cache}",
        ]
        if let meant = exact[plain] ?? (known.contains(plain) ? plain : nil) {
            return ScalarError("\(quoted(variable)) isn't expanded", remedy: "write \(meant)")
        }
        if let guess = Suggestion.nearest(to: variable, among: known) {
            return ScalarError("\(quoted(variable)) isn't known", remedy: "did you mean \(guess)?")
        }
        return ScalarError(
            "\(quoted(variable)) isn't known", remedy: "write \(Suggestion.alternatives(["~"] + known))")
    }
}
