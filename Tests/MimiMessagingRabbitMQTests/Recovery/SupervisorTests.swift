import Logging
import MimiMessaging
import MimiMessagingTesting
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ

/// A resource that a test ends by hand.
private final class Thing: SupervisedResource {
    static let standsOnLink = false

    private let ends: AsyncStream<AMQPError>
    private let continuation: AsyncStream<AMQPError>.Continuation
    let closes = Lock(0)

    init() { (ends, continuation) = AsyncStream.makeStream() }

    func fail() { continuation.yield(AMQPError(.connectionLost, "pulled the plug")) }

    func ended() async -> AMQPError {
        for await reason in ends { return reason }
        return AMQPError(.closed, "over")
    }

    func close() async { closes.withLock { $0 += 1 } }
}

/// A thing that lives on a link, and ends with it.
private struct OnLink: SupervisedResource {
    static let standsOnLink = true
    let thing: Thing

    func ended() async -> AMQPError { await thing.ended() }

    func close() async { await thing.close() }
}

/// Gives out things, or errors, in the order that a test wants.
private actor Factory {
    private var script: [Result<Thing, AMQPError>]
    private(set) var calls = 0

    init(_ script: [Result<Thing, AMQPError>]) { self.script = script }

    func make() throws -> Thing {
        calls += 1
        guard !script.isEmpty else { throw AMQPError(.connectFailed, "nothing more in the script") }
        return try script.removeFirst().get()
    }
}

/// Notes what it hears.
private struct NotingObserver: AdapterObserver {
    let journal = Journal<String>()

    func obstaclesChanged() { journal.note("changed") }

    func restored(_ part: String) { journal.note("\(part) is restored") }

    func unblocked(after duration: Duration) { journal.note("unblocked") }

    func confirmed(after duration: Duration) { journal.note("confirmed") }

    func replyDropped() { journal.note("dropped") }
}

@Suite("Supervisor")
struct SupervisorTests {
    private let time = TestClock()
    private var clock: MessagingClock { MessagingClock(time) }
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func supervisor(
        _ script: [Result<Thing, AMQPError>], observer: any AdapterObserver = SilentObserver()
    ) -> Supervisor<Thing> {
        let factory = Factory(script)
        return Supervisor("the thing", clock: clock, random: .system, logger: logger, observer: observer) {
            try await factory.make()
        }
    }

    private func code(_ operation: () async throws -> Void) async -> MessagingError.Code? {
        do {
            try await operation()
            return nil
        } catch {
            return (error as? MessagingError)?.code ?? .init("\(type(of: error))")
        }
    }

    @Test func establishesWhenItIsFirstWantedAndShares() async throws {
        let thing = Thing()
        let supervisor = supervisor([.success(thing)])
        let deadline = clock.now.advanced(by: .seconds(1))
        async let first = supervisor.lease(before: deadline)
        async let second = supervisor.lease(before: deadline)
        #expect(try await first.resource === thing)
        #expect(try await second.resource === thing)
        await supervisor.stop()
        #expect(thing.closes.withLock { $0 } == 1)
    }

    @Test func restoresWhatIsLost() async throws {
        let (old, new) = (Thing(), Thing())
        let supervisor = supervisor([.success(old), .success(new)])
        let lease = try await supervisor.lease()
        old.fail()
        async let next = supervisor.lease(after: lease)
        await time.waitForSleepers(1)
        time.advance(by: .seconds(2))
        #expect(try await next.resource === new)
        #expect(old.closes.withLock { $0 } == 1)
        await supervisor.stop()
    }

    @Test func restoresWhatWasLostWithItsLinkWithoutAPause() async throws {
        let things = [Thing(), Thing(), Thing()]
        let factory = Factory(things.map { .success($0) })
        let supervisor = Supervisor("the channel", clock: clock, random: .system, logger: logger) {
            OnLink(thing: try await factory.make())
        }
        var lease = try await supervisor.lease()
        // Time stands still: a pause would never end.
        for next in things.dropFirst() {
            lease.resource.thing.fail()
            lease = try await supervisor.lease(after: lease)
            #expect(lease.resource.thing === next)
        }
        await supervisor.stop()
    }

    /// The refusal of a link is long over when what lives on it would be tried again as if it had been refused itself.
    @Test func whatItsLinkWasRefusedForIsOverWithTheLink() async throws {
        let things = [Thing(), Thing()]
        let link = supervisor([.failure(AMQPError(.authentication, "wrong password")), .success(things[0])])
        let channel = Supervisor("the channel", clock: clock, random: .system, logger: logger) {
            _ = try await link.lease()
            return OnLink(thing: things[1])
        }
        #expect(await code { _ = try await channel.lease() } == .authentication)
        await passTime { link.current != nil }
        let back = clock.now
        await passTime { channel.current != nil }
        #expect(back.duration(to: clock.now) <= .seconds(1))
        #expect(try await channel.lease().resource.thing === things[1])
        await channel.stop()
        await link.stop()
    }

    /// Lets time pass whenever somebody waits for it, until something has happened.
    private func passTime(until hasHappened: () -> Bool) async {
        while !hasHappened() {
            if time.sleepers > 0 { time.advance(by: .milliseconds(100)) }
            await Task.yield()
        }
    }

    @Test func whatCostsOthersTheirConnectionIsTriedMoreAndMoreSlowly() {
        let error = AMQPError(.closedByBroker, replyCode: 541, replyText: "INTERNAL_ERROR")
        let shutdown = AMQPError(.closedByBroker, replyCode: 320, replyText: "CONNECTION_FORCED")
        #expect(error.isConnectionError && !shutdown.isConnectionError)
        var backoff = Backoff(random: .system)
        let harms = (0..<12).map { _ in backoff.delay(after: .harm) }
        #expect(harms[0] < .milliseconds(150))
        #expect(harms[11] >= .seconds(5) && harms[11] < .seconds(15))
        // A failure of another kind is over sooner.
        #expect(backoff.delay(after: .failure) < .milliseconds(750))
    }

    @Test func tellsWhatIsTheMatterAndWhenItIsOver() async throws {
        let old = Thing()
        let observer = NotingObserver()
        let supervisor = supervisor(
            [.success(old), .failure(AMQPError(.authentication, "wrong password")), .success(Thing())],
            observer: observer)
        #expect(supervisor.obstacle == nil)
        _ = try await supervisor.lease()
        try await observer.journal.wait(for: 1)
        #expect(supervisor.obstacle == nil)
        old.fail()
        try await observer.journal.wait(for: 2)
        #expect(
            supervisor.obstacle == BusObstacle(.disconnected, subject: "the thing", reason: "pulled the plug"))
        await time.waitForSleepers(1)
        time.advance(by: .seconds(1))
        try await observer.journal.wait(for: 3)
        #expect(supervisor.obstacle == BusObstacle(.refused, subject: "the thing", reason: "wrong password"))
        await time.waitForSleepers(1)
        time.advance(by: .seconds(45))
        try await observer.journal.wait(for: 5)
        #expect(supervisor.obstacle == nil)
        await supervisor.stop()
        #expect(
            observer.journal.entries == [
                "changed", "changed", "changed", "the thing is restored", "changed", "changed",
            ])
    }

    @Test func triesAgainAfterAFailureThatMayPass() async throws {
        let thing = Thing()
        let supervisor = supervisor([.failure(AMQPError(.connectFailed, "refused")), .success(thing)])
        async let lease = supervisor.lease()
        await time.waitForSleepers(1)
        time.advance(by: .seconds(2))
        #expect(try await lease.resource === thing)
        await supervisor.stop()
    }

    @Test(arguments: [
        (AMQPError.Kind.authentication, MessagingError.Code.authentication), (.virtualHost, .accessRefused),
        (.tls, .connection),
    ])
    func whatIsRefusedForGoodIsReportedAtOnceAndNotHammered(
        _ kind: AMQPError.Kind, _ code: MessagingError.Code
    ) async throws {
        let factory = Factory([.failure(AMQPError(kind, "no"))])
        let supervisor = Supervisor("the thing", clock: clock, random: .system, logger: logger) {
            try await factory.make()
        }
        #expect(await self.code { _ = try await supervisor.lease() } == code)
        #expect(await self.code { _ = try await supervisor.lease() } == code)
        await time.waitForSleepers(1)
        time.advance(by: .seconds(14))
        #expect(await factory.calls == 1)
        await supervisor.stop()
    }

    @Test func whatVanishesWhileItIsSetUpIsTriedAgainSoon() async throws {
        let gone = AMQPError(.channelClosed, replyCode: 404, replyText: "NOT_FOUND - no queue 'amq.gen-1'")
        let thing = Thing()
        let supervisor = supervisor([.failure(gone), .success(thing)])
        async let lease = supervisor.lease().resource
        await time.waitForSleepers(1)
        time.advance(by: .seconds(2))
        #expect(try await lease === thing)
        await supervisor.stop()
    }

    @Test func aDeadlineEndsTheWaitWithTheLastReason() async throws {
        let supervisor = supervisor([.failure(AMQPError(.connectFailed, "refused by localhost:1"))])
        let deadline = clock.now.advanced(by: .milliseconds(10))
        async let outcome = Result(catching: { try await supervisor.lease(before: deadline) })
        // The wait and the pause before the next attempt.
        await time.waitForSleepers(2)
        time.advance(by: .milliseconds(10))
        guard case .failure(let error as MessagingError) = await outcome else {
            Issue.record("there was no error")
            return
        }
        #expect(error.code == .connection)
        #expect(error.message.contains("refused by localhost:1"))
        await supervisor.stop()
    }

    @Test func stoppingEndsEveryWait() async throws {
        let supervisor = supervisor([.failure(AMQPError(.connectFailed, "refused"))])
        async let waiting = code { _ = try await supervisor.lease() }
        await time.waitForSleepers(1)
        await supervisor.stop()
        #expect(await waiting == .notStarted)
        #expect(await code { _ = try await supervisor.lease() } == .notStarted)
    }

    @Test func aCancelledWaitEnds() async throws {
        let supervisor = supervisor([.failure(AMQPError(.connectFailed, "refused"))])
        let waiting = Task { await code { _ = try await supervisor.lease() } }
        await time.waitForSleepers(1)
        waiting.cancel()
        #expect(await waiting.value == .init("CancellationError"))
        await supervisor.stop()
    }

    @Test func retiringLeavesTheThingAlive() async throws {
        let thing = Thing()
        let supervisor = supervisor([.success(thing)])
        _ = try await supervisor.lease()
        #expect(supervisor.retire() === thing)
        #expect(thing.closes.withLock { $0 } == 0)
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous operation came to.
    init(catching operation: () async throws -> Success) async {
        do { self = .success(try await operation()) } catch { self = .failure(error) }
    }
}
