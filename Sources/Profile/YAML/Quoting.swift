internal import Linux

/// Text of a profile in a message: in quotes, cut when it is long, and harmless on a terminal.
func quoted(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let shown =
        bytes.count <= 80 ? PrintableText.escape(bytes) : PrintableText.escape(bytes.prefix(77)) + "..."
    return "'\(shown)'"
}
