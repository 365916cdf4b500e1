/// The version of Mews, the same for all its programs.
public enum Version {
    /// As semver.org has it.
    public static let number = "0.1.0"
}
