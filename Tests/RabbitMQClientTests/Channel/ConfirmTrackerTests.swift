import Testing

@testable import RabbitMQClient

@Suite struct ConfirmTrackerTests {
    private func tracker(_ count: Int, capacity: Int = 4) -> ConfirmTracker<Int> {
        var tracker = ConfirmTracker<Int>(minimumCapacity: capacity)
        for number in 0..<count { tracker.register(number + 1) }
        return tracker
    }

    private func settle(
        _ tracker: inout ConfirmTracker<Int>, _ tag: UInt64, multiple: Bool = false
    ) -> (ConfirmTracker<Int>.Settlement, [Int]) {
        var found: [Int] = []
        let settlement = tracker.settle(tag, multiple: multiple) { found.append($0) }
        return (settlement, found)
    }

    @Test func singleAnswersComeOutOfOrder() {
        var tracker = tracker(3)
        #expect(settle(&tracker, 2) == (.settled, [2]))
        #expect(settle(&tracker, 3) == (.settled, [3]))
        #expect(tracker.count == 1)
        #expect(settle(&tracker, 1) == (.settled, [1]))
        #expect(tracker.count == 0)
    }

    @Test func multipleAnswersAllLowerOnesThatAreLeft() {
        var tracker = tracker(5)
        #expect(settle(&tracker, 2) == (.settled, [2]))
        #expect(settle(&tracker, 4, multiple: true) == (.settled, [1, 3, 4]))
        #expect(settle(&tracker, 3) == (.nothingLeft, []))
        #expect(settle(&tracker, 4, multiple: true) == (.nothingLeft, []))
        #expect(tracker.count == 1)
    }

    @Test func multipleWithZeroAnswersAll() {
        var tracker = tracker(3)
        #expect(settle(&tracker, 0, multiple: true) == (.settled, [1, 2, 3]))
        #expect(settle(&tracker, 0, multiple: true) == (.nothingLeft, []))
    }

    @Test(arguments: [0, 4, .max] as [UInt64])
    func aNumberThatWasNotGivenOutIsUnknown(tag: UInt64) {
        var tracker = tracker(3)
        #expect(settle(&tracker, tag) == (.unknown, []))
        #expect(tracker.count == 3)
    }

    @Test func nothingIsKnownBeforeTheFirstPublish() {
        var tracker = ConfirmTracker<Int>()
        #expect(settle(&tracker, 1) == (.unknown, []))
        #expect(settle(&tracker, 1, multiple: true) == (.unknown, []))
        #expect(settle(&tracker, 0, multiple: true) == (.nothingLeft, []))
    }

    @Test func theRingGrowsAndWrapsAround() {
        var tracker = ConfirmTracker<Int>(minimumCapacity: 2)
        var settled: [Int] = []
        var expected: [Int] = []
        // Two in, one out, in rounds: the ring has to grow while it is wrapped.
        for round in 1...200 {
            tracker.register(2 * round - 1)
            tracker.register(2 * round)
            _ = tracker.settle(UInt64(round), multiple: false) { settled.append($0) }
            expected.append(round)
        }
        #expect(settled == expected)
        #expect(tracker.count == 200)
        #expect(tracker.next == 401)
        var rest: [Int] = []
        _ = tracker.settle(400, multiple: true) { rest.append($0) }
        #expect(rest == Array(201...400))
    }

    @Test func theOldestMatchIsChanged() {
        var tracker = tracker(4)
        _ = settle(&tracker, 1)
        #expect(tracker.updateFirst(where: { $0 % 2 == 1 }, { $0 = 30 }) == true)
        #expect(tracker.updateFirst(where: { $0 == 1 }, { $0 = 10 }) == false)
        #expect(settle(&tracker, 4, multiple: true) == (.settled, [2, 30, 4]))
    }

    @Test func whatIsForgottenIsNotAnswered() {
        var tracker = tracker(4)
        tracker.forget { $0 % 2 == 1 }
        #expect(tracker.count == 2)
        #expect(settle(&tracker, 1) == (.nothingLeft, []))
        #expect(settle(&tracker, 3, multiple: true) == (.settled, [2]))
        tracker.forget { _ in true }
        #expect(tracker.count == 0)
        #expect(settle(&tracker, 4) == (.nothingLeft, []))
    }

    @Test func whatIsLeftIsTakenOutOnce() {
        var tracker = tracker(4)
        _ = settle(&tracker, 2)
        var left: [Int] = []
        tracker.removeAll { left.append($0) }
        tracker.removeAll { left.append($0) }
        #expect(left == [1, 3, 4])
        #expect(tracker.count == 0)
        #expect(settle(&tracker, 4) == (.nothingLeft, []))
    }

    /// Any order of answers, checked against a plain set.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func everyPublishIsAnsweredOnceInAnyOrder(seed: UInt64) {
        var random = Xorshift(seed: seed)
        var tracker = ConfirmTracker<UInt64>(minimumCapacity: 2)
        var open: Set<UInt64> = []
        for _ in 0..<500 {
            if Bool.random(using: &random) || open.isEmpty {
                open.insert(tracker.next)
                tracker.register(tracker.next)
            } else {
                let tag = UInt64.random(in: 1..<tracker.next, using: &random)
                let multiple = Int.random(in: 0..<4, using: &random) == 0
                let expected = open.filter { multiple ? $0 <= tag : $0 == tag }
                var found: [UInt64] = []
                let settlement = tracker.settle(tag, multiple: multiple) { found.append($0) }
                #expect(found == expected.sorted())
                #expect((settlement == .settled) == !expected.isEmpty)
                open.subtract(expected)
            }
            #expect(tracker.count == open.count)
        }
    }
}
