/// One line of the doctor's answer.
struct Check: Encodable {
    /// What was tried.
    let name: String
    /// Whether it can be had.
    let ok: Bool
    /// What the kernel answered, or what was found.
    let answer: String
    /// What to do about it; empty when there is nothing to do.
    let remedy: String
}
