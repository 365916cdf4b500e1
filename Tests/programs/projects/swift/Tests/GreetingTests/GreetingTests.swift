import Greeting
import Testing
import XCTest

@Test func aGreetingNamesWhomItIsFor() {
    #expect(greeting(for: "tests").contains("tests"))
}

final class GreetingTests: XCTestCase {
    func testAGreetingIsNotEmpty() {
        XCTAssertFalse(greeting(for: "tests").isEmpty)
    }
}
