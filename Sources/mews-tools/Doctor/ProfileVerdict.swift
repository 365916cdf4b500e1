/// Whether a command runs here with a profile.
struct ProfileVerdict: Encodable {
    let name: String
    /// The level that is reached.
    let level: DoctorReport.Level
    /// Why none is; empty when one is.
    let reason: String
}
