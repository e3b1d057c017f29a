import Foundation
import MimiMessaging
import MimiMessagingTesting
import Testing

/// Many queries from several processes at a time, some of them answered too late: each gets its own answer or a timeout at
/// its deadline.
@Suite("Answers do not cross", .timeLimit(.minutes(20)))
struct QueryIntegrityTests {
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
        let outcome = try await withThrowingTaskGroup(of: Asker.Outcome.self) { group in
            for process in 0..<Asker.processes { group.addTask { try await outcomeOfProcess(process, queue) } }
            return try await group.reduce(into: Asker.Outcome()) { $0.add($1) }
        }
        #expect(outcome.crossed == 0)
        #expect(outcome.failed == [])
        #expect(outcome.answered + outcome.timeouts.count == Asker.count)
        #expect(outcome.answered > Asker.count / 10 && outcome.timeouts.count > Asker.count / 10)
        let sorted = outcome.timeouts.sorted()
        let last = sorted[sorted.count * 99 / 100]
        #expect(await last < Pace.stretch(.milliseconds(250)))
        print("queries: \(outcome.answered) answered, \(sorted.count) timed out, p99 \(last) from their deadline")
        await service.stop()
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }

    private func outcomeOfProcess(_ process: Int, _ queue: String) async throws -> Asker.Outcome {
        let ended = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [process, queue] in
            let outcome = await Asker.run(process, queue)
            FileHandle.standardOutput.write(try JSONEncoder().encode(outcome))
        }
        return try JSONDecoder().decode(Asker.Outcome.self, from: Data(#require(ended).standardOutputContent))
    }
}

/// What one of the processes does that ask.
private enum Asker {
    static let processes = 5
    /// How many queries all of them ask: `MIMI_QUERIES=100000` for the figure of the documentation.
    static let count = ProcessInfo.processInfo.environment["MIMI_QUERIES"].flatMap(Int.init) ?? 2000
    private static let inFlight = 200
    private static let deadline = Duration.milliseconds(400)

    struct Outcome: Codable {
        var answered = 0
        var crossed = 0
        /// How far from its deadline each timeout came.
        var timeouts: [Duration] = []
        var failed: [String] = []

        mutating func add(_ other: Outcome) {
            answered += other.answered
            crossed += other.crossed
            timeouts += other.timeouts
            failed += other.failed
        }
    }

    static func run(_ process: Int, _ queue: String) async -> Outcome {
        do {
            let bus = try TestBroker.bus()
            try await bus.start()
            let target = try RequestTarget("\(queue)/ask")
            let lanes = inFlight / processes
            let outcome = await withTaskGroup(of: Outcome.self) { group in
                for lane in process * lanes..<(process + 1) * lanes {
                    group.addTask { await ask(bus, target, stride(from: lane, to: count, by: inFlight)) }
                }
                return await group.reduce(into: Outcome()) { $0.add($1) }
            }
            await bus.stop()
            return outcome
        } catch {
            return Outcome(failed: ["\(error)"])
        }
    }

    private static func ask(_ bus: MessageBus, _ target: RequestTarget, _ numbers: StrideTo<Int>) async -> Outcome {
        var outcome = Outcome()
        for number in numbers {
            let delay = number &* 7919 % 800
            let start = ContinuousClock.now
            // What a plain sleep to the same deadline takes is the machine's doing, not ours.
            async let sleep = timed { try? await Task.sleep(for: deadline) }
            do {
                let answer = try await bus.query(
                    target, ["n": .integer(number), "delay": .integer(delay)], timeout: deadline)
                if answer["n"]?.integer == number { outcome.answered += 1 } else { outcome.crossed += 1 }
            } catch let error as MessagingError where error.code == .timeout {
                let taken = start.duration(to: .now)
                let (early, late) = (deadline - taken, taken - max(deadline, await sleep))
                outcome.timeouts.append(max(early, late, .zero))
            } catch {
                outcome.failed.append("\(error)")
            }
        }
        return outcome
    }
}
