/// Finds the lines that name a host by one look-up for each label of its name, however many lines there are.
struct TargetIndex: Sendable {
    /// The last line of each target.
    private var heads: [NetworkRule.Target: Int32] = [:]
    /// For each line, the one before it with the same target; -1 for the first.
    private var previous: [Int32] = []

    init(_ targets: some Collection<NetworkRule.Target>) {
        heads.reserveCapacity(targets.count)
        previous.reserveCapacity(targets.count)
        for (index, target) in targets.enumerated() {
            previous.append(heads.updateValue(Int32(index), forKey: target) ?? -1)
        }
    }

    /// The first line for which something holds, of those that name the host: those with the nearest target first,
    /// and of the same target the last.
    func first(of host: RequestedHost, where holds: (Int) -> Bool) -> Int? {
        switch host {
        case .address(let address): return line(with: .address(address), where: holds)
        case .name(let name):
            if let found = line(with: .exact(name), where: holds) { return found }
            var above = name.parent
            while let suffix = above {
                if let found = line(with: .below(suffix), where: holds) { return found }
                above = suffix.parent
            }
            return nil
        }
    }

    private func line(with target: NetworkRule.Target, where holds: (Int) -> Bool) -> Int? {
        var index = heads[target] ?? -1
        while index >= 0, !holds(Int(index)) { index = previous[Int(index)] }
        return index < 0 ? nil : Int(index)
    }
}
