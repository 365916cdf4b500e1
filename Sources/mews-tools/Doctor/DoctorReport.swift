/// The doctor's answer; `report.schema.json` is its form.
struct DoctorReport: Encodable {
    /// A level as it is written, or that none can be had.
    enum Level: String, Encodable {
        case full
        case namespaces
        case landlock
        case none
    }

    /// What of the denials the log can tell.
    struct Observed: Encodable {
        let reads: Bool
        /// System calls included.
        let writes: Bool
        /// To where nobody listens; all others are.
        let connections: Bool
    }

    /// A layer that can't be had, and what is lost with it.
    struct Missing: Encodable {
        let layer: Layer
        let loss: String
    }

    /// The version of Mews.
    let version: String
    /// The release of the kernel.
    let kernel: String
    /// What runs the container around it, where that can be told.
    let container: Surroundings.Engine?
    /// What the default profile reaches.
    let level: Level
    let observed: Observed
    /// What each built-in profile reaches.
    let profiles: [ProfileVerdict]
    let missing: [Missing]
    /// What makes the missing layers available.
    let instructions: [Instruction]
    let checks: [Check]

    private enum CodingKeys: CodingKey {
        case version, kernel, container, level, observed, profiles, missing, instructions, checks
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(kernel, forKey: .kernel)
        // With null: a member that is sometimes absent is easily missed.
        try container.encode(self.container, forKey: .container)
        try container.encode(level, forKey: .level)
        try container.encode(observed, forKey: .observed)
        try container.encode(profiles, forKey: .profiles)
        try container.encode(missing, forKey: .missing)
        try container.encode(instructions, forKey: .instructions)
        try container.encode(checks, forKey: .checks)
    }
}
