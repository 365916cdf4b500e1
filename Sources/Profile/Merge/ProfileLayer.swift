internal import Linux

/// The settings of one file, or of the command line.
struct ProfileLayer: Sendable {
    /// The file; nil for the command line.
    let file: AbsolutePath?
    /// What the file holds.
    var content: [UInt8] = []
    let settings: [Setting]

    /// The file as the policy remembers it.
    var source: ProfileFile? {
        file.map { ProfileFile(path: $0, name: name ?? "", content: content) }
    }

    /// The name that the file gives to itself.
    var name: String? {
        for setting in settings {
            if case (.name, .text(let name)) = (setting.key, setting.value) { return name }
        }
        return nil
    }
}
