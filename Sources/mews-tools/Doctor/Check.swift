/// One line of the doctor's answer.
struct Check: Encodable {
    /// How it came out.
    enum State: String, Encodable {
        /// It can be had.
        case yes
        /// It can't.
        case no
        /// It is denied all the same, but nobody will see it being tried.
        case unseen = "not seen"
    }

    /// What was tried.
    let name: String
    /// The layer that it is about; none where it is about the installation.
    let layer: Layer?
    let state: State
    /// What the kernel answered, or what was found.
    let answer: String
    /// What to do about it; empty when there is nothing to do.
    let remedy: String

    /// Whether it can be had.
    var ok: Bool { state == .yes }

    private enum CodingKeys: CodingKey {
        case name, layer, ok, state, answer, remedy
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(layer, forKey: .layer)
        try container.encode(ok, forKey: .ok)
        try container.encode(state, forKey: .state)
        try container.encode(answer, forKey: .answer)
        try container.encode(remedy, forKey: .remedy)
    }
}
