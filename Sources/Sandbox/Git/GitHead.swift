internal import Linux

/// Where a working tree stands: its branch and its commit, read without git.
struct GitHead {
    /// The full name of the reference that HEAD names, as `refs/heads/main`; nil when HEAD is detached.
    private(set) var reference: [UInt8]?
    /// The commit in hexadecimal digits; nil where there is none yet, or where it can't be told.
    private(set) var commit: [UInt8]?

    // As many as git follows (SYMREF_MAXDEPTH).
    private static let mostSteps = 5
    private static let mostBytes = 8192
    private static let mostPackedBytes = 16 << 20

    /// Reads HEAD of a working tree; `common` has the references, which a linked working tree shares.
    init?(_ own: borrowing GitDirectory, common: borrowing GitDirectory) {
        guard let text = Self.line(of: Array("HEAD".utf8), in: own) else { return nil }
        switch Self.meaning(of: text) {
        case .commit(let name): commit = name
        case .reference(let name):
            reference = name
            commit = Self.resolve(name, own, common: common)
        case nil: return nil
        }
    }

    /// What HEAD or a reference says.
    private enum Meaning {
        case commit([UInt8])
        case reference([UInt8])
    }

    private static func meaning(of text: [UInt8]) -> Meaning? {
        let marker = Array("ref:".utf8)
        guard text.starts(with: marker) else { return isObjectName(text) ? .commit(text) : nil }
        let name = Array(
            text.dropFirst(marker.count).drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
        return isReferenceName(name) ? .reference(name) : nil
    }

    private static func resolve(
        _ name: [UInt8], _ own: borrowing GitDirectory, common: borrowing GitDirectory
    ) -> [UInt8]? {
        var name = name
        for _ in 0..<mostSteps {
            guard let text = line(of: name, in: common) else { return packed(name, in: common) }
            switch meaning(of: text) {
            case .commit(let commit): return commit
            case .reference(let next): name = next
            case nil: return nil
            }
        }
        return nil
    }

    /// Looks in packed-refs: lines of an object's name, a space and the reference's name.
    private static func packed(_ name: [UInt8], in common: borrowing GitDirectory) -> [UInt8]? {
        guard let bytes = common.content(of: "packed-refs", limit: mostPackedBytes)?.bytes else { return nil }
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            let line = bytes[start..<end]
            if line.count > name.count, line.suffix(name.count).elementsEqual(name),
                line[end - name.count - 1] == UInt8(ascii: " ")
            {
                let object = Array(line.dropLast(name.count + 1))
                return isObjectName(object) ? object : nil
            }
            start = end + 1
        }
        return nil
    }

    private static func line(of name: [UInt8], in directory: borrowing GitDirectory) -> [UInt8]? {
        guard let bytes = directory.content(of: name, limit: mostBytes)?.bytes else { return nil }
        return Array(bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") })
    }

    private static func isObjectName(_ text: [UInt8]) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
        return (text.count == 40 || text.count == 64)
            && text.allSatisfy { digits.contains($0) || letters.contains($0) }
    }

    /// The rules of git-check-ref-format(1) that keep a name a path of its own; `refs/heads/.invalid`, which
    /// stands in HEAD where the references are in another format (reftable), breaks one of them.
    private static func isReferenceName(_ name: [UInt8]) -> Bool {
        let components = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return name.starts(with: "refs/".utf8) && components.count >= 2
            && components.allSatisfy { $0.first.map { $0 != UInt8(ascii: ".") } ?? false }
            && name.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }
}
