internal import Linux

/// The settings of one file, or of the command line.
struct ProfileLayer: Sendable {
    /// The file; nil for the command line.
    let file: AbsolutePath?
    let settings: [Setting]

    /// The name that the file gives to itself.
    var name: String? {
        for setting in settings {
            if case (.name, .text(let name)) = (setting.key, setting.value) { return name }
        }
        return nil
    }
}
