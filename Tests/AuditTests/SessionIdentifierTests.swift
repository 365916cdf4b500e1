import Audit
import Testing

@Suite("The name of a session is a UUID of version 7 (RFC 9562)")
struct SessionIdentifierTests {
    /// Counts, so that the test can say what comes out.
    private struct Counting: RandomNumberGenerator {
        var count: UInt64 = 0
        mutating func next() -> UInt64 {
            count += 1
            return count &* 0x9e37_79b9_7f4a_7c15
        }
    }

    @Test("with the time in front, the version and the variant in their places")
    func form() {
        var random = Counting()
        let text = SessionIdentifier(milliseconds: 0x0123_4567_89ab, using: &random).description
        #expect(text.count == 36)
        #expect(text.hasPrefix("01234567-89ab-7"))
        let variant = text.split(separator: "-")[3].first
        #expect(variant.map { "89ab".contains($0) } == true)
    }

    @Test("sorts by time")
    func order() {
        var random = Counting()
        let early = SessionIdentifier(milliseconds: 1_700_000_000_000, using: &random)
        let late = SessionIdentifier(milliseconds: 1_700_000_000_001, using: &random)
        #expect(early.description < late.description)
    }

    @Test("differs within one millisecond")
    func uniqueness() {
        var random = SystemRandomNumberGenerator()
        let names = Set((0..<1000).map { _ in SessionIdentifier(milliseconds: 1, using: &random) })
        #expect(names.count == 1000)
    }
}
