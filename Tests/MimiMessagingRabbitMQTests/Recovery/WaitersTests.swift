import MimiMessaging
import MimiMessagingTesting
import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Waiting under a deadline")
struct WaitersTests {
    private struct TooLate: Error {}

    private let time = TestClock()
    private var clock: MessagingClock { MessagingClock(time) }

    private func waiters() -> Waiters<Int> { Waiters(clock: clock) { TooLate() } }

    @Test func aValueBeforeTheWaitIsNotMissed() async throws {
        let waiters = waiters()
        let place = waiters.reserve()
        #expect(waiters.end(place, with: .success(7)))
        #expect(try await waiters.wait(place, until: nil) == 7)
        #expect(waiters.count == 0)
    }

    @Test func theFirstEndCounts() async throws {
        let waiters = waiters()
        let place = waiters.reserve()
        #expect(waiters.end(place, with: .success(1)))
        #expect(!waiters.end(place, with: .success(2)))
        #expect(try await waiters.wait(place, until: nil) == 1)
    }

    @Test func eachHasADeadlineOfItsOwn() async throws {
        let waiters = waiters()
        let start = clock.now
        let (late, early) = (waiters.reserve(), waiters.reserve())
        let slow = Task { try await waiters.wait(late, until: start.advanced(by: .seconds(2))) }
        await time.waitForSleepers(1)
        let quick = Task { try await waiters.wait(early, until: start.advanced(by: .seconds(1))) }
        await time.waitForSleepers(1)
        time.advance(by: .seconds(1))
        await #expect(throws: TooLate.self) { try await quick.value }
        #expect(waiters.end(late, with: .success(3)))
        #expect(try await slow.value == 3)
        #expect(waiters.count == 0)
    }

    @Test func deadlinesThatNobodyWantsAreForgotten() async throws {
        let waiters = waiters()
        let deadline = clock.now.advanced(by: .seconds(3600))
        let kept = waiters.reserve()
        let waiting = Task { try await waiters.wait(kept, until: deadline) }
        await time.waitForSleepers(1)
        for number in 0..<10_000 {
            let place = waiters.reserve()
            #expect(waiters.end(place, with: .success(number)))
            #expect(try await waiters.wait(place, until: deadline) == number)
        }
        #expect(waiters.deadlineCount <= 1024)
        time.advance(by: .seconds(3600))
        await #expect(throws: TooLate.self) { try await waiting.value }
    }

    @Test func cancellationFreesThePlace() async throws {
        let waiters = waiters()
        let place = waiters.reserve()
        let task = Task { try await waiters.wait(place, until: nil) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(waiters.count == 0)
    }

    @Test func stoppingEndsAll() async throws {
        let waiters = waiters()
        let places = (0..<10).map { _ in waiters.reserve() }
        let tasks = places.map { place in Task { try await waiters.wait(place, until: nil) } }
        waiters.stop(with: TooLate())
        for task in tasks { await #expect(throws: TooLate.self) { try await task.value } }
    }

    @Test func workUnderWayIsWaitedFor() async throws {
        let work = InFlight(clock: clock)
        let (started, begin) = AsyncStream<Void>.makeStream()
        let (gate, open) = AsyncStream<Void>.makeStream()
        let hasEnded = Lock(false)
        let running = Task {
            await work.run {
                begin.yield()
                for await _ in gate { break }
                hasEnded.withLock { $0 = true }
            }
        }
        for await _ in started { break }
        let deadline = clock.now.advanced(by: .seconds(1))
        // One that does not wait at all is not waited for here.
        let asleep = Task { await time.waitForSleepers(1) }
        let waiting = Task {
            await work.waitUntilIdle(before: deadline)
            asleep.cancel()
            return hasEnded.withLock { $0 }
        }
        await asleep.value
        open.yield()
        #expect(await waiting.value)
        await running.value
        await work.waitUntilIdle(before: deadline)
    }

    @Test func workThatDoesNotEndIsNotWaitedForBeyondTheDeadline() async throws {
        let work = InFlight(clock: clock)
        let (started, begin) = AsyncStream<Void>.makeStream()
        let running = Task {
            await work.run {
                begin.yield()
                try? await Task.sleep(for: .seconds(3600))
            }
        }
        for await _ in started { break }
        let waiting = Task { await work.waitUntilIdle(before: clock.now.advanced(by: .seconds(1))) }
        await time.waitForSleepers(1)
        time.advance(by: .seconds(1))
        await waiting.value
        running.cancel()
        await running.value
    }
}
