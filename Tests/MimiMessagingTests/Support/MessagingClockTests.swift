import MimiMessaging
import MimiMessagingTesting
import Testing

@Suite struct MessagingClockTests {
    private let base = TestClock()
    private let clock: MessagingClock

    init() { clock = MessagingClock(base) }

    @Test func ticksAreTheSameForAll() {
        let start = clock.now
        func next(_ interval: Duration) -> Duration {
            start.duration(to: clock.tick(every: interval, after: clock.now))
        }
        #expect(next(.seconds(30)) == .seconds(30))
        base.advance(by: .milliseconds(29_999))
        #expect(next(.seconds(30)) == .seconds(30))
        #expect(next(.milliseconds(300)) == .seconds(30))
        base.advance(by: .milliseconds(1))
        #expect(next(.seconds(30)) == .seconds(60))
        base.advance(by: .seconds(100))
        #expect(next(.seconds(30)) == .seconds(150))
    }
}
