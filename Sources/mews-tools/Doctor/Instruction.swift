/// Something to do, ready to be pasted.
struct Instruction: Encodable {
    /// When it is to be done, or why, as the beginning of a sentence.
    let title: String
    /// What to type, or to write into a file, line by line.
    let lines: [String]
}
