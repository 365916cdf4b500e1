internal import Audit
internal import Linux

extension RecordValue {
    /// The bytes that a member stands for: those of its text, or of the member `_b64` beside it.
    func bytes(_ name: String) -> [UInt8]? {
        self["\(name)_b64"]?.text.flatMap(Base64.bytes) ?? self[name]?.text.map { Array($0.utf8) }
    }

    /// A member as text that is safe on a terminal; empty when there is none.
    func printable(_ name: String) -> String {
        bytes(name).map { PrintableText.escape(ArraySlice($0)) } ?? ""
    }
}
