import Egress
import Network
import Testing

@Suite("The door is told what it may let through")
struct SettingsTests {
    @Test("without settings there is no door")
    func none() {
        #expect(EgressDoor.settings([]) == nil)
    }
}
