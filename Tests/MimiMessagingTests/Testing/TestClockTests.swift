import MimiMessagingTesting
import Testing

@Suite("A clock that tests move by hand")
struct TestClockTests {
    private let clock = TestClock()

    @Test("wakes sleepers when their time has come, the earliest first")
    func wakes() async throws {
        let woken = Journal<Int>()
        let sleepers = [3, 1, 2].map { seconds in
            Task { [clock] in
                try await clock.sleep(for: .seconds(seconds))
                woken.note(seconds)
            }
        }
        await clock.waitForSleepers(3)
        clock.advance(by: .milliseconds(999))
        #expect(clock.sleepers == 3)
        for count in 1...3 {
            clock.advance(by: .seconds(1))
            #expect(clock.sleepers == 3 - count)
            try await woken.wait(for: count)
        }
        #expect(woken.entries == [1, 2, 3])
        for sleeper in sleepers { try await sleeper.value }
    }

    @Test("does not sleep for a time that has passed")
    func past() async throws {
        clock.advance(by: .seconds(5))
        try await clock.sleep(until: clock.now)
        try await clock.sleep(for: .seconds(-1))
        #expect(clock.now.duration(to: clock.now.advanced(by: .seconds(2))) == .seconds(2))
    }

    @Test("never goes back")
    func back() {
        let start = clock.now
        clock.advance(by: .seconds(-5))
        #expect(clock.now == start)
    }

    @Test("lets a sleeping task be cancelled")
    func cancelled() async {
        let sleeper = Task { [clock] in try await clock.sleep(for: .seconds(1)) }
        await clock.waitForSleepers(1)
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleepers == 0)
        let late = Task { [clock] in
            await Gate().waitOrCancelled()
            try await clock.sleep(for: .seconds(1))
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(clock.sleepers == 0)
    }

    @Test("lets a task that waits for sleepers be cancelled")
    func cancelledWatcher() async {
        let watcher = Task { [clock] in await clock.waitForSleepers(1) }
        watcher.cancel()
        await watcher.value
    }
}

extension Gate {
    /// Returns when the task is cancelled, if nobody opens the gate.
    fileprivate func waitOrCancelled() async { try? await wait() }
}
