import MimiMessaging
import MimiMessagingTesting
import Testing

/// Quorum queues go on as long as most of a cluster is there, and so do services.
@Suite(
    "A cluster of three brokers", .timeLimit(.minutes(5)),
    .enabled(if: TestBroker.expectsControl, "MIMI_RABBITMQ_CONTROL names no script that controls a broker"))
struct ClusterTests {
    @Test("goes on without the one on which everything was declared") func aNodeGoes() async throws {
        let first = try await ControlledBroker(named: "cluster-1")
        let others = [
            try await ControlledBroker(named: "cluster-2", joining: "cluster-1"),
            try await ControlledBroker(named: "cluster-3", joining: "cluster-1"),
        ]
        let taken = Journal<Int>(limit: .seconds(60))
        let before = try await service(on: first.url, noting: taken)
        try await before.command("orders/take", ["n": 1])
        #expect(try await taken.wait(for: 1) == [1])
        await before.stop()

        try await first.control("kill")
        // Both declare what they need, whoever declared it before.
        for (number, other) in zip(2..., others) {
            let service = try await service(on: other.url, noting: taken)
            try await service.command("orders/take", ["n": .integer(number)])
            try await taken.wait { $0.contains(number) }
            #expect(try await service.query("orders/ask", [:])["answer"] == "here")
            await service.stop()
        }
        for broker in others + [first] { try await broker.stop() }
    }

    private func service(on url: String, noting taken: Journal<Int>) async throws -> MessageBus {
        let bus = try TestBroker.bus(["mq_rabbitmq_queue_type": "quorum"], url: url)
        try await bus.requests("orders") { orders in
            orders.command("take") { message, _ in taken.note(try message["n"]) }
            orders.query("ask") { _, _ in ["answer": "here"] }
        }
        try await bus.start()
        return bus
    }
}
