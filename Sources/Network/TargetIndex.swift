/// Finds the lines that name a host by one look-up for each label of its name, however many lines there are.
public struct TargetIndex: Sendable {
    /// The last line of each target.
    private var heads: [NetworkRule.Target: Int32] = [:]
    /// For each line, the one before it with the same target; -1 for the first.
    private var previous: [Int32] = []

    /// Takes the targets of the lines, in their order.
    public init(_ targets: some Collection<NetworkRule.Target>) {
        heads.reserveCapacity(targets.count)
        previous.reserveCapacity(targets.count)
        for (index, target) in targets.enumerated() {
            previous.append(heads.updateValue(Int32(index), forKey: target) ?? -1)
        }
    }

    /// The first line for which something holds, of those that name the host: those with the nearest target first,
    /// and of the same target the last.
    public func first(of host: RequestedHost, where holds: (Int) -> Bool) -> Int? {
        switch host {
        case .address(let address): first(covering: .address(address), where: holds)
        case .name(let name): first(covering: .exact(name), where: holds)
        }
    }

    /// The same for lines that name everything that a target names.
    public func first(covering target: NetworkRule.Target, where holds: (Int) -> Bool) -> Int? {
        if let found = line(with: target, where: holds) { return found }
        var suffix: DomainName?
        switch target {
        case .exact(let name), .below(let name): suffix = name.parent
        case .address: suffix = nil
        }
        while let above = suffix {
            if let found = line(with: .below(above), where: holds) { return found }
            suffix = above.parent
        }
        return nil
    }

    private func line(with target: NetworkRule.Target, where holds: (Int) -> Bool) -> Int? {
        var index = heads[target] ?? -1
        while index >= 0, !holds(Int(index)) { index = previous[Int(index)] }
        return index < 0 ? nil : Int(index)
    }
}
