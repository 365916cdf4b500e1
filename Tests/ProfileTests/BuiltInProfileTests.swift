import Linux
import Testing

@testable import Profile

@Suite("The profiles that are installed with Mews")
struct BuiltInProfileTests {
    @Test(
        "each makes a policy by itself",
        arguments: ["base", "workspace", "readonly", "git", "c", "python", "node", "rust", "swift"])
    func isSound(name: String) throws {
        let host = try TestHost()
        let policy = try host.policy(profiles: [name])
        #expect(policy.name == name)
    }
}
