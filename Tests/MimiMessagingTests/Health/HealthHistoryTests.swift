import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite struct HealthHistoryTests {
    private let start = MessagingClock(TestClock()).now
    private let blocked = BusObstacle(.blocked, subject: "the connection", reason: "memory")

    private func after(_ seconds: Int) -> MessagingClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func ofLooksThatOverlapTheLaterCounts() {
        var history = HealthHistory()
        history.addListener(1)
        let (early, late) = (history.ticket(), history.ticket())
        #expect(history.note(.ready, ticket: late, at: start) == [1])
        #expect(history.note(.degraded([blocked]), ticket: early, at: start) == nil)
        #expect(history.note(.ready, ticket: history.ticket(), at: start) == [])
    }

    @Test func anObstacleKeepsItsAgeWhenItsReasonChanges() {
        var history = HealthHistory()
        var disk = blocked
        disk.reason = "disk"
        _ = history.note(.degraded([blocked]), ticket: history.ticket(), at: start)
        _ = history.note(.degraded([disk]), ticket: history.ticket(), at: after(5))
        #expect(history.age(of: disk, at: after(9)) == .seconds(9))
        _ = history.note(.ready, ticket: history.ticket(), at: after(10))
        #expect(history.age(of: disk, at: after(11)) == .zero)
        _ = history.note(.degraded([disk]), ticket: history.ticket(), at: after(12))
        #expect(history.age(of: disk, at: after(13)) == .seconds(1))
    }

    @Test func onlyThoseHearWhoHaveNotHeard() {
        var history = HealthHistory()
        history.addListener(1)
        #expect(history.note(.ready, ticket: history.ticket(), at: start) == [1])
        history.addListener(2)
        #expect(history.note(.ready, ticket: history.ticket(), at: start) == [2])
        history.removeListener(1)
        #expect(history.note(.degraded([blocked]), ticket: history.ticket(), at: start) == [2])
    }
}
