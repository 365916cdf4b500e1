internal import Linux
internal import Profile

/// Reads `/run/mews/policy`.
struct PublishedPolicyReader {
    /// Why it can't be read.
    struct Malformed: Error {
        /// The line, from 1.
        let line: Int
    }

    private var sources: [String] = []
    private var mounts: [ExplanationContext.Mount] = []
    private var workspace: AbsolutePath?
    private var home: AbsolutePath?
    private var narrowing: Origin?
    private var hides = false
    var network = NetworkPolicy()

    /// Reads the whole file.
    ///
    /// - Throws: at the first line that isn't one of the format.
    static func read(_ bytes: [UInt8]) throws(Malformed) -> ExplanationContext {
        var reader = PublishedPolicyReader()
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.first?.elementsEqual(PublishedPolicy.format.utf8) == true, lines.last?.isEmpty == true
        else {
            throw Malformed(line: 1)
        }
        for (number, line) in lines.enumerated().dropFirst().dropLast() {
            let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            guard reader.take(fields) else { throw Malformed(line: number + 1) }
        }
        guard let workspace = reader.workspace else { throw Malformed(line: lines.count) }
        // The places by their usual names: whether one of them is moved by a variable isn't told inside.
        let floor =
            reader.hides
            ? RestrictionIndex() : RestrictionIndex(BuiltInFloor(home: reader.home, workspace: workspace))
        return ExplanationContext(
            mounts: reader.mounts.sorted { $0.path < $1.path }, restrictions: floor, links: [],
            workspace: workspace, home: reader.home, narrowing: reader.narrowing, hides: reader.hides,
            network: reader.network)
    }

    private mutating func take(_ fields: [ArraySlice<UInt8>]) -> Bool {
        switch String(decoding: fields[0], as: UTF8.self) {
        case "workspace" where fields.count == 2:
            workspace = Self.path(fields[1])
            return workspace != nil
        case "home" where fields.count == 2:
            home = Self.path(fields[1])
            return home != nil
        case "hide" where fields.count == 1:
            hides = true
            return true
        case "source" where fields.count == 2:
            guard let source = Self.printable(fields[1]) else { return false }
            sources.append(source)
            return true
        case "narrowing" where fields.count == 4:
            narrowing = origin(fields[1...])
            return narrowing != nil
        case "mount" where fields.count >= 4 && fields.count <= 10:
            guard let mount = mount(fields) else { return false }
            mounts.append(mount)
            return true
        default: return takeNetwork(fields)
        }
    }

    private func mount(_ fields: [ArraySlice<UInt8>]) -> ExplanationContext.Mount? {
        let accesses: [String: Access] = ["none": .none, "read": .read, "write": .write]
        guard let path = Self.path(fields[1]), let access = accesses[Self.text(fields[2])],
            let place = ExplanationContext.Mount.Place(rawValue: Self.text(fields[3]))
        else { return nil }
        guard fields.count > 4 else {
            let rule = DecidingRule(.mews, "", Origin(authority: .user, source: ViewBuilder.ownSource))
            return ExplanationContext.Mount(path: path, access: access, place: place, rule: rule)
        }
        guard fields.count >= 9, let kind = DecidingRule.Kind(rawValue: Self.text(fields[4])),
            let written = Self.printable(fields[5]), let origin = origin(fields[6..<9])
        else { return nil }
        let holds = fields.count == 10 ? Self.printable(fields[9]) : nil
        if fields.count == 10, holds == nil { return nil }
        let rule = DecidingRule(kind, written, origin, holds: holds)
        return ExplanationContext.Mount(path: path, access: access, place: place, rule: rule)
    }

    func origin(_ fields: ArraySlice<ArraySlice<UInt8>>) -> Origin? {
        let numbers = fields.compactMap { Int(Self.text($0)) }
        guard numbers.count == 3, sources.indices.contains(numbers[0]), numbers[1] >= 0, numbers[2] >= 0
        else {
            return nil
        }
        return Origin(
            authority: .user, source: sources[numbers[0]], line: numbers[1], column: numbers[2])
    }

    static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field, as: UTF8.self)
    }

    /// Text that goes to a terminal as it is; nil for anything that could act there.
    private static func printable(_ field: ArraySlice<UInt8>) -> String? {
        guard let bytes = bytes(field), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && !(0x7f..<0xa0).contains(scalar.value)
        }
        return isPlain ? text : nil
    }

    private static func path(_ field: ArraySlice<UInt8>) -> AbsolutePath? {
        bytes(field).flatMap { AbsolutePath($0) }
    }

    /// Takes `\xNN` back to bytes; nil for another escape.
    private static func bytes(_ field: ArraySlice<UInt8>) -> [UInt8]? {
        guard field.contains(UInt8(ascii: "\\")) else { return Array(field) }
        var bytes: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 3, rest.removeFirst() == UInt8(ascii: "x"),
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return bytes
    }
}
