import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite("Limits")
struct LimitTests {
    @Test func aQuotaHasSoManyPlaces() {
        let quota = Quota(2)
        #expect(quota.enter())
        #expect(quota.enter())
        #expect(!quota.enter())
        quota.leave()
        #expect(quota.enter())
    }

    @Test(.timeLimit(.minutes(1))) func aPacerLetsASecondsWorthGoAndSpreadsTheRest() async throws {
        let time = TestClock()
        let pacer = Pacer(perSecond: 4, clock: MessagingClock(time))
        for _ in 0..<5 { await pacer.turn() }
        async let sixth: Void = pacer.turn()
        await time.waitForSleepers(1)
        time.advance(by: .milliseconds(250))
        await sixth
        // After a rest there is a second's worth again.
        time.advance(by: .seconds(10))
        for _ in 0..<5 { await pacer.turn() }
    }

    @Test(.timeLimit(.minutes(1))) func aPacerHoldsUpNobodyWhoIsCancelled() async {
        let time = TestClock()
        let pacer = Pacer(perSecond: 1, clock: MessagingClock(time))
        for _ in 0..<2 { await pacer.turn() }
        let task = Task { await pacer.turn() }
        await time.waitForSleepers(1)
        task.cancel()
        await task.value
    }

    @Test(.timeLimit(.minutes(1))) func queriesThatWaitAreLimited() async throws {
        let bus = try MessageBus(options: ["mq_adapter": "memory", "mq_max_pending_queries": 1])
        let (arrived, gate) = (Journal<Void>(), Gate())
        try await bus.requests("slow") { slow in
            slow.query("ask") { _, _ in
                arrived.note(())
                try await gate.wait()
                return [:]
            }
        }
        try await bus.start()
        async let first = bus.query("slow/ask")
        try await arrived.wait(for: 1)
        let error = await #expect(throws: MessagingError.self) { try await bus.query("slow/ask") }
        #expect(error?.code == .overloaded)
        #expect(error?.isRetryable == true)
        #expect(error?.message.contains("mq_max_pending_queries") == true)
        gate.open()
        _ = try await first
        _ = try await bus.query("slow/ask")
        await bus.stop()
    }
}
