/// The version of this program, the same as that of `mews` (a test holds the two together).
enum Version {
    static let number = "0.1.0"
}
