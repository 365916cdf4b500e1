import Audit
import Linux
import Supervisor
import Testing

@Suite("A denied act")
struct DeniedActTests {
    @Test("keeps the activity numbers of OCSF's class 1001")
    func activityNumbers() {
        #expect(FileActivity.open.rawValue == 14)
        #expect(FileActivity.attributes.rawValue == 6)
    }
}
