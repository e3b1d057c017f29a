import MimiMessagingTesting
import Testing

@Suite("The RabbitMQ adapter keeps its promises")
struct ConformanceTests {
    @Test("with quorum queues", arguments: AdapterConformance.cases(for: RabbitMQHarness.features))
    func quorum(_ conformanceCase: ConformanceCase) async throws {
        try await run(conformanceCase, queueType: "quorum")
    }

    @Test("with classic queues", arguments: AdapterConformance.cases(for: RabbitMQHarness.features))
    func classic(_ conformanceCase: ConformanceCase) async throws {
        try await run(conformanceCase, queueType: "classic")
    }

    /// Each case has a connection to the broker and threads of its own.
    private static let turnstile = Turnstile(limit: 6)

    private func run(_ conformanceCase: ConformanceCase, queueType: String) async throws {
        try await Self.turnstile.pass { try await pass(conformanceCase, queueType: queueType) }
    }

    private func pass(_ conformanceCase: ConformanceCase, queueType: String) async throws {
        let harness = try await RabbitMQHarness(queueType: queueType)
        do {
            try await conformanceCase.run(on: harness)
        } catch {
            await harness.close()
            throw error
        }
        await harness.close()
    }
}
