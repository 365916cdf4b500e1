/// Whether a command runs here with a profile.
struct ProfileVerdict: Encodable {
    let name: String
    /// The level that is reached with the profile as it is.
    let level: DoctorReport.Level
    /// The level that is reached with `--require landlock`, the least that can be asked for.
    let least: DoctorReport.Level
    /// Why none is reached with the profile as it is; empty when one is.
    let reason: String
}
