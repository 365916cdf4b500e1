import Testing

@testable import Egress

@Suite("How often something may happen is bounded")
struct TokenBucketTests {
    private static let second: Int64 = 1_000_000_000

    @Test("a burst comes in at once, and then so many a second")
    func rate() {
        var bucket = TokenBucket(perSecond: 64, burst: 256, now: 0)
        var count = 0
        while bucket.next(now: 0) == nil {
            bucket.take()
            count += 1
        }
        #expect(count == 256)
        var now: Int64 = 0
        while count < 256 + 64 {
            guard let next = bucket.next(now: now) else {
                bucket.take()
                count += 1
                continue
            }
            #expect(next > now)
            now = next
        }
        #expect(abs(now - Self.second) < Self.second / 1000)
    }

    @Test("after a long pause there is one burst and no more", arguments: [second * 10, .max])
    func pause(_ pause: Int64) {
        var bucket = TokenBucket(perSecond: 64, burst: 256, now: 0)
        for _ in 0..<256 { bucket.take() }
        var count = 0
        while bucket.next(now: pause) == nil, count < 1000 {
            bucket.take()
            count += 1
        }
        #expect(count == 256)
    }

    @Test("a clock that stands still or goes back gives nothing")
    func clock() {
        var bucket = TokenBucket(perSecond: 64, burst: 1, now: Self.second)
        bucket.take()
        #expect(bucket.next(now: Self.second) != nil)
        #expect(bucket.next(now: 0) != nil)
    }
}

@Suite("A record lets go on what waited for it, and nothing else")
struct WaitingListTests {
    @Test("confirmations are cumulative")
    func cumulative() {
        var list = WaitingList()
        for number in 1...5 as ClosedRange<UInt64> { list.append(event: number, connection: number * 10) }
        #expect(list.take(upTo: 0) == nil)
        var taken: [UInt64] = []
        while let next = list.take(upTo: 3) { taken.append(next.connection) }
        #expect(taken == [10, 20, 30])
        #expect(list.take(upTo: 3) == nil)
        #expect(list.take(upTo: 4)?.event == 4)
    }

    @Test("a list of ten thousand is gone through in order")
    func long() {
        var list = WaitingList()
        for number in 1...10_000 as ClosedRange<UInt64> { list.append(event: number, connection: number) }
        var next: UInt64 = 1
        while let first = list.take(upTo: .max) {
            #expect(first.event == next)
            next += 1
        }
        #expect(next == 10_001)
    }
}

@Suite("A number names one connection for ever")
struct ConnectionTableTests {
    @Test("what was closed isn't found, though its place is used again")
    func reuse() throws {
        var table = ConnectionTable()
        let first = table.nextNumber()
        #expect(table[first] == nil)
        #expect(table.count == 0)
        #expect(table.nextNumber() == first)
    }
}
