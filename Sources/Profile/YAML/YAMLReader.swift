/// Reads restricted YAML: one document, without anchors, aliases, tags, merge keys and duplicate keys.
struct YAMLReader: ~Copyable {
    /// How deep lists and mappings nest at most.
    static let greatestDepth = 32
    /// How many scalars, lists and mappings there are at most.
    static let greatestCount = 50_000

    private var parser: YAMLParser
    private let text: YAMLText
    private var count = 0
    /// What is refused although the tree can still be read.
    private var errors: [YAMLError] = []

    /// The tree, and what is wrong with it; no tree when the text can't be read to its end.
    static func read(_ bytes: [UInt8]) -> (root: YAMLNode?, errors: [YAMLError]) {
        do throws(YAMLError) {
            let text = try YAMLText(bytes)
            guard let parser = YAMLParser(bytes) else {
                throw YAMLError(.start, "no memory to read the file", remedy: "close other programs")
            }
            var reader = YAMLReader(parser: parser, text: text)
            return reader.read()
        } catch {
            return (nil, [error])
        }
    }

    private init(parser: consuming YAMLParser, text: YAMLText) {
        self.parser = parser
        self.text = text
    }

    private mutating func read() -> (root: YAMLNode?, errors: [YAMLError]) {
        do throws(YAMLError) {
            let root = try document()
            return (root, errors)
        } catch {
            return (nil, errors + [error])
        }
    }

    private mutating func document() throws(YAMLError) -> YAMLNode {
        var root: YAMLNode?
        while true {
            let event = try parser.next()
            switch event.kind {
            case .streamStart, .documentEnd: continue
            case .streamEnd:
                guard let root else {
                    throw YAMLError(.start, "the file holds no profile", remedy: "begin with version: 1")
                }
                return root
            case .documentStart(let hasDirectives):
                if hasDirectives {
                    errors.append(
                        YAMLError(
                            event.position, "a directive can't stand in a profile",
                            remedy: "remove the line that begins with %")
                    )
                }
                guard root == nil else {
                    throw YAMLError(
                        event.position, "a second document in the file",
                        remedy: "remove ---, or make a file of it and extend that")
                }
            default:
                root = try node(event, depth: 1)
            }
        }
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        count += 1
        guard count <= Self.greatestCount else {
            throw YAMLError(
                event.position, "more than \(Self.greatestCount) values",
                remedy: "split the file with extends")
        }
        guard depth <= Self.greatestDepth else {
            throw YAMLError(
                event.position, "nested deeper than \(Self.greatestDepth) levels", remedy: "no key needs that"
            )
        }
        switch event.kind {
        case .scalar(let text, let isDoubleQuoted, let decoration):
            refuse(decoration, at: event.position)
            let bytes =
                isDoubleQuoted
                ? YAMLScalar.escapedBytes(self.text.slice(characters: event.characters)) : nil
            return YAMLNode(
                position: event.position, content: .scalar(YAMLScalar(text: text, escapedBytes: bytes)))
        case .sequenceStart(let decoration):
            refuse(decoration, at: event.position)
            return YAMLNode(position: event.position, content: .sequence(try sequence(depth: depth)))
        case .mappingStart(let decoration):
            refuse(decoration, at: event.position)
            return YAMLNode(position: event.position, content: .mapping(try mapping(depth: depth)))
        default:
            // The text of an alias's anchor isn't known here, so the tree can't be completed.
            throw YAMLError(
                event.position, "an alias can't stand in a profile",
                remedy: "write the value out instead of *NAME")
        }
    }

    private mutating func sequence(depth: Int) throws(YAMLError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try parser.next()
            if case .sequenceEnd = event.kind { return items }
            items.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLError) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try parser.next()
            if case .mappingEnd = event.kind { return entries }
            let key = try node(event, depth: depth + 1)
            let value = try node(parser.next(), depth: depth + 1)
            guard case .scalar(let name) = key.content else {
                errors.append(
                    YAMLError(key.position, "a key is \(key.kind)", remedy: "write KEY: VALUE"))
                continue
            }
            if name.text == "<<" {
                errors.append(
                    YAMLError(
                        key.position, "a merge key can't stand in a profile", remedy: "write the keys out"))
            } else if let first = lines[name.text] {
                errors.append(
                    YAMLError(
                        key.position, "\(quoted(name.text)) stands here for the second time",
                        remedy: "join it with the one on line \(first)"))
            } else {
                lines[name.text] = Int(key.position.line)
                entries.append(YAMLEntry(key: name.text, position: key.position, value: value))
            }
        }
    }

    private mutating func refuse(_ decoration: YAMLEvent.Decoration, at position: YAMLPosition) {
        switch decoration {
        case .none: break
        case .anchor:
            errors.append(YAMLError(position, "an anchor can't stand in a profile", remedy: "remove &NAME"))
        case .tag:
            errors.append(
                YAMLError(
                    position, "a tag can't stand in a profile",
                    remedy: "remove it, or put a value that begins with ! in quotes")
            )
        }
    }
}
