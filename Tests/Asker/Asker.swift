import Foundation
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ

/// One of the processes that ask at the same time, for `QueryIntegrityTests`: `Asker TARGET FIRST LANES STEP END`.
///
/// Each of its lanes asks one query after the other, with a number of its own; the answer has to carry the same. What came
/// of them is printed as JSON.
@main struct Asker {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.dropFirst().compactMap(Int.init)
        guard let target = arguments.first, numbers.count == 4 else { fatalError("Asker TARGET FIRST LANES STEP END") }
        let asker = try Asker(target: RequestTarget(target))
        let outcome = try await asker.run(first: numbers[0], lanes: numbers[1], step: numbers[2], end: numbers[3])
        FileHandle.standardOutput.write(try JSONEncoder().encode(outcome))
    }

    private static let deadline = Duration.milliseconds(400)

    private struct Outcome: Encodable {
        var answered = 0
        var crossed = 0
        /// How far from its deadline each timeout came, in milliseconds.
        var timeouts: [Double] = []
        var failed: [String] = []
    }

    private let bus: MessageBus
    private let target: RequestTarget

    private init(target: RequestTarget) throws {
        let url = ProcessInfo.processInfo.environment["MIMI_RABBITMQ_URL"] ?? "amqp://guest:guest@localhost:5672"
        self.target = target
        bus = try MessageBus(
            options: ["mq_adapter": "rabbitmq", "mq_url": .string(url)], adapters: [RabbitMQAdapter.self],
            logger: Logger(label: "asker") { StreamLogHandler.standardError(label: $0) })
    }

    private func run(first: Int, lanes: Int, step: Int, end: Int) async throws -> Outcome {
        try await bus.start()
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            for lane in first..<first + lanes { group.addTask { await ask(stride(from: lane, to: end, by: step)) } }
            return await group.reduce(into: Outcome()) { all, one in
                all.answered += one.answered
                all.crossed += one.crossed
                all.timeouts += one.timeouts
                all.failed += one.failed
            }
        }
        await bus.stop()
        return outcome
    }

    private func ask(_ numbers: StrideTo<Int>) async -> Outcome {
        var outcome = Outcome()
        for number in numbers {
            // The work that the answer takes, up to twice the deadline.
            let query: Message = ["n": .integer(number), "delay": .integer(number &* 7919 % 800)]
            let start = ContinuousClock.now
            // What a plain sleep to the same deadline takes is the machine's doing, not ours.
            async let slept = sleepToDeadline(from: start)
            do {
                let answer = try await bus.query(target, query, timeout: Self.deadline)
                if answer["n"]?.integer == number { outcome.answered += 1 } else { outcome.crossed += 1 }
            } catch let error as MessagingError where error.code == .timeout {
                let taken = start.duration(to: .now)
                let away = max(Self.deadline - taken, taken - max(Self.deadline, await slept), .zero)
                outcome.timeouts.append(away / .milliseconds(1))
            } catch {
                outcome.failed.append("\(error)")
            }
        }
        return outcome
    }

    private func sleepToDeadline(from start: ContinuousClock.Instant) async -> Duration {
        try? await Task.sleep(for: Self.deadline)
        return start.duration(to: .now)
    }
}
