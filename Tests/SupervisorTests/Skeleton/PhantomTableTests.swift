import Linux
import Testing

@testable import Supervisor

@Suite("The table of phantoms")
struct PhantomTableTests {
    private let path = testPath("/home/u")

    @Test("A place keeps its number as long as the kernel knows it, and no number is used twice")
    func numbers() throws {
        var table = PhantomTable(first: 10)
        let told = table.number(at: path, target: nil, isMasked: false)
        let first = try #require(told)
        let again = table.number(at: path, target: nil, isMasked: false)
        #expect(again == first)
        table.forget(first, 1)
        #expect(table[first] != nil)
        table.forget(first, 1)
        #expect(table[first] == nil)
        let next = table.number(at: path, target: nil, isMasked: false)
        #expect(next == first + 1)
    }

    @Test("What has become something else has another number, and the old one stays until it is let go")
    func replaced() throws {
        var table = PhantomTable(first: 10)
        let first = table.number(at: path, target: nil, isMasked: false)
        let directory = try #require(first)
        let link = table.number(at: path, target: Array("x".utf8), isMasked: false)
        #expect(link != nil)
        #expect(link != directory)
        table.forget(directory, .max)
        #expect(table[directory] == nil)
        let again = table.number(at: path, target: Array("x".utf8), isMasked: false)
        #expect(again == link)
    }

    @Test(
        "It never grows beyond its size, in places or in bytes, and has room again when something is let go")
    func limits() throws {
        var table = PhantomTable(first: 10, mostNodes: 3, mostBytes: 1000)
        var numbers: [UInt64] = []
        for name in ["a", "b", "c"] {
            let number = table.number(at: path.appending(name), target: nil, isMasked: false)
            numbers.append(try #require(number))
        }
        var number = table.number(at: path, target: nil, isMasked: false)
        #expect(number == nil)
        table.forget(numbers[0], 1)
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
        number = table.number(at: path, target: long, isMasked: false)
        #expect(number == nil)
        number = table.number(at: path, target: nil, isMasked: false)
        #expect(number != nil)
        table.forget(9, 5)
        #expect(table.count == 3)
    }

    @Test("When it is full, what could be walked through is refused instead")
    func full() {
        var skeleton = SkeletonFixture(mostPhantoms: 1)
        skeleton.host.answers = ["/a": .found(.someDirectory), "/b": .found(.someDirectory)]
        skeleton.tasks.calls("openat", "/b")
        #expect(skeleton.lookUp("a").errno == nil)
        #expect(skeleton.lookUp("b").errno == .accessDenied)
        #expect(skeleton.host.acts == ["open /b outsideView openat"])
    }
}
