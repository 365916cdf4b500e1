internal import Linux

extension ProfileContext {
    /// The value of an environment variable: a leading `${workspace}` or `${cache}`, alone or before a `/`, and a
    /// leading `$XDG_NAME/` become that directory; everything else stays as it is.
    func expandingVariable(_ value: [UInt8]) -> [UInt8] {
        for (name, directory) in [("${workspace}", workspace), ("${cache}", cache)] {
            guard value.starts(with: name.utf8) else { continue }
            let rest = value.dropFirst(name.utf8.count)
            if rest.isEmpty || rest.first == UInt8(ascii: "/") { return directory.bytes + rest }
        }
        for base in BaseDirectory.allCases where value.starts(with: "$\(base.rawValue)/".utf8) {
            // Where the variable has no meaning the value is left as it is, and names nothing.
            guard let directory = directory(base) else { return value }
            return directory.bytes + value.dropFirst(base.rawValue.utf8.count + 1)
        }
        return value
    }
}
