import Testing

@testable import MimiMessaging

@Suite struct TimerQueueTests {
    private let start = MessagingClock.continuous.now

    private func after(_ seconds: Int) -> MessagingClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func eventsComeInTheOrderOfTheirTimes() {
        var timers = TimerQueue<String>()
        #expect(timers.next == nil)
        for (name, seconds) in [("c", 3), ("a", 1), ("b1", 2), ("b2", 2)] {
            _ = timers.schedule(name, at: after(seconds))
        }
        #expect(timers.next == after(1))
        #expect(timers.takeDue(at: start) == nil)
        #expect(timers.takeDue(at: after(2)) == "a")
        #expect(timers.takeDue(at: after(2)) == "b1")
        #expect(timers.takeDue(at: after(2)) == "b2")
        #expect(timers.takeDue(at: after(2)) == nil)
        #expect(timers.next == after(3))
    }

    @Test func aCancelledEventDoesNotCome() {
        var timers = TimerQueue<String>()
        let first = timers.schedule("a", at: after(1))
        let second = timers.schedule("b", at: after(2))
        timers.cancel(first)
        timers.cancel(first)
        #expect(timers.next == after(2))
        #expect(timers.takeDue(at: after(9)) == "b")
        timers.cancel(second)
        #expect(timers.next == nil)
    }

    @Test func cancelledEventsTakeNoRoom() {
        var timers = TimerQueue<Int>()
        _ = timers.schedule(0, at: after(1))
        for number in 1...10_000 { timers.cancel(timers.schedule(number, at: after(1 + number))) }
        #expect(timers.entryCount < 200)
        #expect(timers.takeDue(at: after(20_000)) == 0)
        #expect(timers.takeDue(at: after(20_000)) == nil)
    }
}
