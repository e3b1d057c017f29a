import Foundation
import MimiMessaging
import MimiMessagingTesting
import Subprocess
import Testing

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// Many queries from several processes at a time, some of them answered too late: each gets its own answer or a timeout at
/// its deadline.
@Suite("Answers do not cross", .timeLimit(.minutes(20)))
struct QueryIntegrityTests {
    /// How many queries: `MIMI_QUERIES=100000` for the figure of the documentation.
    static let count = ProcessInfo.processInfo.environment["MIMI_QUERIES"].flatMap(Int.init) ?? 2000
    private static let (processes, inFlight) = (5, 200)

    /// What `Asker` prints.
    private struct Outcome: Decodable {
        let answered: Int
        let crossed: Int
        let timeouts: [Double]
        let failed: [String]
    }

    @Test func manyAtATime() async throws {
        let queue = TestBroker.uniqueName("integrity")
        let service = try TestBroker.bus(["mq_concurrency": 256, "mq_rabbitmq_queue_type": "classic"])
        try await service.requests(queue) { handlers in
            handlers.query("ask") { message, _ in
                try await Task.sleep(for: .milliseconds(message["delay"] as Int))
                return ["n": .integer(try message["n"])]
            }
        }
        try await service.start()
        let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for process in 0..<Self.processes { group.addTask { try await ask(queue, in: process) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let answered = outcomes.map(\.answered).reduce(0, +)
        let timeouts = outcomes.flatMap(\.timeouts).sorted()
        #expect(outcomes.map(\.crossed) == Array(repeating: 0, count: Self.processes))
        #expect(outcomes.flatMap(\.failed) == [])
        #expect(answered + timeouts.count == Self.count)
        #expect(answered > Self.count / 10 && timeouts.count > Self.count / 10)
        let last = timeouts[timeouts.count * 99 / 100]
        #expect(await .milliseconds(last) < Pace.stretch(.milliseconds(250)))
        print("queries: \(answered) answered, \(timeouts.count) timed out, p99 \(last) ms from their deadline")
        await service.stop()
        try await TestBroker.remove(queue: queue, retryDelays: [20])
    }

    private func ask(_ queue: String, in process: Int) async throws -> Outcome {
        let lanes = Self.inFlight / Self.processes
        let arguments = ["\(queue)/ask"] + [process * lanes, lanes, Self.inFlight, Self.count].map(String.init)
        let ended = try await Subprocess.run(
            .path(FilePath(BuiltPrograms.folder.appending(path: "Asker").path)), arguments: Arguments(arguments),
            output: .data(limit: 1 << 24), error: .string(limit: 1 << 16))
        #expect(ended.terminationStatus.isSuccess, "\(ended.standardError)")
        return try JSONDecoder().decode(Outcome.self, from: ended.standardOutput)
    }
}
