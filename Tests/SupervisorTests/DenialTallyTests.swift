import Supervisor
import Testing

@Suite("What was denied is counted for the end of a session")
struct DenialTallyTests {
    @Test("exactly, also when there are more different ones than are kept")
    func exactCounts() {
        var tally = DenialTally()
        for number in 0..<1000 { tally.add(.reads, "read \(number)", fix: nil) }
        tally.add(.calls, "mount", fix: nil)
        #expect(tally.count(of: .reads) == 1000)
        #expect(tally.count(of: .calls) == 1)
        #expect(tally.total == 1001)
    }

    @Test(
        "those that a line would allow come first, and of these the newest: what is denied again and again isn't news"
    )
    func order() {
        var tally = DenialTally()
        tally.add(.reads, "a", fix: "line a")
        tally.add(.calls, "b", fix: nil)
        tally.add(.reads, "c", fix: "line c")
        tally.add(.reads, "a", fix: "line a")
        let useful = tally.mostUseful(3)
        #expect(useful.map(\.message) == ["c", "a", "b"])
        #expect(useful.map(\.count) == [1, 2, 1])
        #expect(tally.mostUseful(1).map(\.message) == ["c"])
    }
}
