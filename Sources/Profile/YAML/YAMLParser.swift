internal import CLibYAML

/// libyaml's event parser over one text; the only place that touches its memory.
///
/// The parser keeps a pointer to itself and to its input (`yaml_parser_set_input_string`), so both live on
/// the heap, at addresses that stay the same when this value is moved, and are freed together.
@safe struct YAMLParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    /// Takes a copy of the text.
    ///
    /// - Returns: nil when there is no memory for it.
    init?(_ text: [UInt8]) {
        unsafe input = .allocate(capacity: text.count)
        unsafe parser = .allocate(capacity: 1)
        _ = unsafe input.initialize(fromContentsOf: text)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe input.deallocate()
            unsafe parser.deallocate()
            return nil
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// The next event; after `.streamEnd` there is nothing more to ask for.
    mutating func next() throws(YAMLError) -> YAMLEvent {
        var raw = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &raw) == 1 else { throw failure() }
        let event = unsafe Self.event(raw)
        unsafe yaml_event_delete(&raw)
        return event
    }

    private func failure() -> YAMLError {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "out of memory"
        let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) + ", " } ?? ""
        let mark = unsafe parser.pointee.problem_mark
        let place = YAMLPosition(line: UInt32(mark.line) + 1, column: UInt32(mark.column) + 1)
        return YAMLError(place, context + problem, remedy: YAMLError.remedy(for: problem))
    }

    private static func event(_ raw: yaml_event_t) -> YAMLEvent {
        let start = unsafe raw.start_mark
        return YAMLEvent(
            kind: unsafe kind(raw),
            position: YAMLPosition(line: UInt32(start.line) + 1, column: UInt32(start.column) + 1),
            characters: start.index..<(unsafe raw.end_mark.index))
    }

    private static func kind(_ raw: yaml_event_t) -> YAMLEvent.Kind {
        switch unsafe raw.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT:
            let start = unsafe raw.data.document_start
            let hasVersion = unsafe start.version_directive != nil
            let hasTags = unsafe start.tag_directives.start != start.tag_directives.end
            return .documentStart(hasDirectives: hasVersion || hasTags)
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias
        case YAML_SCALAR_EVENT:
            let scalar = unsafe raw.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let decoration = unsafe decoration(anchor: scalar.anchor, tag: scalar.tag)
            let isDoubleQuoted = unsafe scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
            return .scalar(
                unsafe String(decoding: bytes, as: UTF8.self), isDoubleQuoted: isDoubleQuoted, decoration)
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe raw.data.sequence_start
            return .sequenceStart(unsafe decoration(anchor: start.anchor, tag: start.tag))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let start = unsafe raw.data.mapping_start
            return .mappingStart(unsafe decoration(anchor: start.anchor, tag: start.tag))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .streamEnd
        }
    }

    private static func decoration(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?
    ) -> YAMLEvent.Decoration {
        if unsafe anchor != nil { return .anchor }
        return unsafe tag != nil ? .tag : .none
    }
}
