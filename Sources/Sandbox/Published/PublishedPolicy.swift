internal import Linux
internal import Profile

/// The file `/run/mews/policy`: what `mews why` answers from inside.
///
/// Lines of fields between tabs, bytes as `PrintableText` has them, so that no path can end a field or line. It
/// tells the mounts, which /proc/self/mountinfo tells as well, and the line behind each. It lists nothing of what is
/// denied, reserved or in the floor where no mount of the view is made for it; with `filesystem.hide` the
/// places that are masked stand there without the line behind them, and without what they hold. Of the network it
/// tells every line: what they name can be found out by trying, and none of them is a secret.
enum PublishedPolicy {
    static let format = "mews.view.v1"
    /// The most that is read: a mount takes some hundred bytes.
    static let greatestSize = 64 << 20

    /// The file's content.
    static func encode(_ policy: Policy, _ view: View, workspace: AbsolutePath, home: AbsolutePath?)
        -> [UInt8]
    {
        var writer = Writer(capacity: 256 + view.mounts.count * 96)
        writer.line(format)
        writer.line("workspace", workspace.bytes)
        if let home { writer.line("home", home.bytes) }
        if policy.fileSystem.hide.value { writer.line("hide") }
        if let narrowing = policy.fileSystem.narrowing { writer.line("narrowing", narrowing) }
        let rules = DecidingRules(policy)
        for mount in view.mounts {
            writer.mount(rules.mount(mount), hides: policy.fileSystem.hide.value)
        }
        writer.network(policy.network)
        return writer.bytes
    }

    /// Appends lines without making a string of each.
    struct Writer {
        private(set) var bytes: [UInt8] = []
        private var sources: [String] = []

        init(capacity: Int) {
            bytes.reserveCapacity(capacity)
        }

        mutating func begin(_ word: String) {
            bytes.append(contentsOf: word.utf8)
        }

        mutating func line(_ word: String) {
            bytes.append(contentsOf: word.utf8)
            end()
        }

        mutating func line(_ word: String, _ value: [UInt8]) {
            bytes.append(contentsOf: word.utf8)
            field(value)
            end()
        }

        mutating func line(_ word: String, _ origin: Origin) {
            let number = source(origin.source)
            bytes.append(contentsOf: word.utf8)
            place(number, origin)
            end()
        }

        mutating func mount(_ mount: ExplanationContext.Mount, hides: Bool) {
            let isHidden = hides && mount.rule.isOfWhatIsKeptOut
            let number = isHidden ? 0 : source(mount.rule.origin.source)
            bytes.append(contentsOf: "mount".utf8)
            field(mount.path.bytes)
            field(mount.access == .write ? "write" : mount.access == .read ? "read" : "none")
            field(isHidden && mount.place == .mask ? "hidden" : mount.place.rawValue)
            if !isHidden {
                field(mount.rule.kind.rawValue)
                field(Array(mount.rule.written.utf8))
                place(number, mount.rule.origin)
                if let holds = mount.rule.holds { field(Array(holds.utf8)) }
            }
            end()
        }

        /// The number of a source, which gets a line of its own before it is first used.
        mutating func source(_ name: String) -> Int {
            // The last one first: the mounts of a profile stand together.
            if let number = sources.lastIndex(of: name) { return number }
            sources.append(name)
            line("source", Array(name.utf8))
            return sources.count - 1
        }

        mutating func place(_ number: Int, _ origin: Origin) {
            field("\(number)")
            field("\(origin.line)")
            field("\(origin.column)")
        }

        mutating func field(_ text: String) {
            bytes.append(UInt8(ascii: "\t"))
            bytes.append(contentsOf: text.utf8)
        }

        mutating func field(_ value: [UInt8]) {
            bytes.append(UInt8(ascii: "\t"))
            let isPlain = value.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }
            if isPlain {
                bytes.append(contentsOf: value)
            } else {
                bytes.append(contentsOf: PrintableText.escape(value).utf8)
            }
        }

        mutating func end() {
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}

extension DecidingRule {
    /// Whether it tells of something that the command shall not have.
    fileprivate var isOfWhatIsKeptOut: Bool {
        switch kind {
        case .deny, .floor, .reserved: true
        case .workspace, .read, .write, .unix, .protect, .git, .mews: false
        }
    }
}
