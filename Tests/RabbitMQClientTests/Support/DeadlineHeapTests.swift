import Testing

@testable import RabbitMQClient

@Suite struct DeadlineHeapTests {
    @Test func theEarliestComesFirstAndOnlyWhenDue() {
        let start = MonotonicInstant.now
        var heap = DeadlineHeap<String>()
        #expect(heap.earliest == nil)
        heap.schedule("b", at: start + .seconds(2))
        heap.schedule("a", at: start + .seconds(1))
        heap.schedule("c", at: start + .seconds(3))
        #expect(heap.earliest == start + .seconds(1))
        #expect(heap.popDue(at: start) == nil)
        #expect(heap.popDue(at: start + .seconds(2)) == "a")
        #expect(heap.popDue(at: start + .seconds(2)) == "b")
        #expect(heap.popDue(at: start + .seconds(2)) == nil)
        #expect(heap.earliest == start + .seconds(3))
    }

    @Test func aMissingDeadlineIsLaterThanAny() {
        let now = MonotonicInstant.now
        #expect(earlier(nil, nil) == nil)
        #expect(earlier(now, nil) == now)
        #expect(earlier(nil, now) == now)
        #expect(earlier(now + .seconds(1), now) == now)
    }
}
