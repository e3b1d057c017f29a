import Foundation
import MimiMessaging
import MimiMessagingTesting
import Testing

/// Many queries from several buses at a time, some of them answered too late: each gets its own answer or a timeout at
/// its deadline.
@Suite("Answers do not cross", .timeLimit(.minutes(20)))
struct QueryIntegrityTests {
    /// How many queries: `MIMI_QUERIES=100000` for the figure of the documentation.
    static let count = ProcessInfo.processInfo.environment["MIMI_QUERIES"].flatMap(Int.init) ?? 2000
    private static let deadline = Duration.milliseconds(400)
    private static let (buses, inFlight) = (5, 200)

    private struct Outcome {
        var answered = 0
        var crossed = 0
        /// How far from its deadline each timeout came.
        var timeouts: [Duration] = []
        var failed: [String] = []
    }

    @Test func manyAtATime() async throws {
        let queue = TestBroker.uniqueName("integrity")
        let service = try TestBroker.bus(["mq_concurrency": 256, "mq_rabbitmq_queue_type": "classic"])
        try await service.requests(queue) { handlers in
            handlers.query("ask") { message, _ in
                // The work that an answer takes, up to twice the deadline.
                try await Task.sleep(for: .milliseconds(message["delay"] as Int))
                return ["n": .integer(try message["n"])]
            }
        }
        try await service.start()
        var clients: [MessageBus] = []
        for _ in 0..<Self.buses {
            let client = try TestBroker.bus()
            try await client.start()
            clients.append(client)
        }
        let target = try RequestTarget("\(queue)/ask")
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            for (index, client) in clients.enumerated() {
                for lane in 0..<Self.inFlight / Self.buses {
                    let first = index * Self.inFlight / Self.buses + lane
                    group.addTask { await ask(client, target, stride(from: first, to: Self.count, by: Self.inFlight)) }
                }
            }
            return await group.reduce(into: Outcome()) { all, one in
                all.answered += one.answered
                all.crossed += one.crossed
                all.timeouts += one.timeouts
                all.failed += one.failed
            }
        }
        #expect(outcome.crossed == 0)
        #expect(outcome.failed == [])
        #expect(outcome.answered + outcome.timeouts.count == Self.count)
        #expect(outcome.answered > Self.count / 10 && outcome.timeouts.count > Self.count / 10)
        let sorted = outcome.timeouts.sorted()
        let last = sorted[sorted.count * 99 / 100]
        #expect(await last < Pace.stretch(.milliseconds(250)))
        print("queries: \(outcome.answered) answered, \(sorted.count) timed out, p99 \(last) from their deadline")
        for bus in clients + [service] { await bus.stop() }
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }

    private func ask(_ bus: MessageBus, _ target: RequestTarget, _ numbers: StrideTo<Int>) async -> Outcome {
        var outcome = Outcome()
        for number in numbers {
            let delay = number &* 7919 % 800
            let start = ContinuousClock.now
            // What a plain sleep to the same deadline takes is the machine's doing, not ours.
            async let sleep = timed { try? await Task.sleep(for: Self.deadline) }
            do {
                let answer = try await bus.query(
                    target, ["n": .integer(number), "delay": .integer(delay)], timeout: Self.deadline)
                if answer["n"]?.integer == number { outcome.answered += 1 } else { outcome.crossed += 1 }
            } catch let error as MessagingError where error.code == .timeout {
                let taken = start.duration(to: .now)
                let (early, late) = (Self.deadline - taken, taken - max(Self.deadline, await sleep))
                outcome.timeouts.append(max(early, late, .zero))
            } catch {
                outcome.failed.append("\(error)")
            }
        }
        return outcome
    }
}
