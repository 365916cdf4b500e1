@testable internal import Profile

/// Matching by the definition, with a table of every pair of a rest of the pattern and a rest of the name.
enum Reference {
    /// Whether a component with `*` can be a name.
    static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        table(pattern, name, isAny: { $0 == UInt8(ascii: "*") }, matches: ==)
    }

    /// Whether components with `**` can be a path's.
    static func matches(_ pattern: [PathPattern.Component], _ names: [[UInt8]]) -> Bool {
        table(
            pattern, names, isAny: { $0 == .anyDepth },
            matches: { component, name in
                guard case .glob(let glob) = component else { return false }
                return matches(glob, name)
            })
    }

    private static func table<Part, Item>(
        _ pattern: [Part], _ items: [Item], isAny: (Part) -> Bool, matches: (Part, Item) -> Bool
    ) -> Bool {
        var row = [Bool](repeating: false, count: items.count + 1)
        row[items.count] = true
        for part in pattern.reversed() {
            var above = [Bool](repeating: false, count: items.count + 1)
            for index in (0...items.count).reversed() {
                if isAny(part) {
                    above[index] = row[index] || (index < items.count && above[index + 1])
                } else {
                    above[index] = index < items.count && row[index + 1] && matches(part, items[index])
                }
            }
            row = above
        }
        return row[0]
    }
}
