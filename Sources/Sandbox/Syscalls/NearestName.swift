/// The name that was probably meant.
enum NearestName {
    /// The candidate with the fewest edits, the first of equals; nil if none is close enough to be a
    /// misspelling (more than a third of the letters differ).
    static func of(_ name: String, among candidates: [String]) -> String? {
        let limit = max(1, name.utf8.count / 3)
        var best: (name: String, edits: Int)?
        for candidate in candidates where abs(candidate.utf8.count - name.utf8.count) <= limit {
            let edits = edits(from: Array(name.utf8), to: Array(candidate.utf8))
            if edits <= limit, edits < best?.edits ?? .max { best = (candidate, edits) }
        }
        return best?.name
    }

    /// Levenshtein's distance: insertions, deletions and replacements.
    private static func edits(from old: [UInt8], to new: [UInt8]) -> Int {
        var row = Array(0...new.count)
        for (index, byte) in old.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in new.indices {
                let replaced = diagonal + (byte == new[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[new.count]
    }
}
