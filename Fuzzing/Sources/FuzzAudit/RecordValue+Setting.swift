@testable internal import Audit

extension RecordValue {
    /// The value with another member where there is one already.
    func setting(_ path: ArraySlice<String>, _ value: RecordValue) -> RecordValue {
        guard let name = path.first, case .object(let members) = self else { return value }
        return .object(
            members.map { member in
                member.name == name
                    ? RecordMember(name: name, value: member.value.setting(path.dropFirst(), value)) : member
            })
    }
}
