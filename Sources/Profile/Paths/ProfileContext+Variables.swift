internal import Linux

extension ProfileContext {
    /// The value of an environment variable: a leading `${workspace}` or `${cache}`, alone or before a `/`,
    /// becomes that directory; everything else stays as it is.
    func expandingVariable(_ value: [UInt8]) -> [UInt8] {
        for (name, directory) in [("${workspace}", workspace), ("${cache}", cache)] {
            guard value.starts(with: name.utf8) else { continue }
            let rest = value.dropFirst(name.utf8.count)
            if rest.isEmpty || rest.first == UInt8(ascii: "/") { return directory.bytes + rest }
        }
        return value
    }
}
