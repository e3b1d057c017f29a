import MimiMessaging
import MimiMessagingTesting
import Testing

@Suite("A bus for the length of a test")
struct WithMessageBusTests {
    private struct Expected: Error {}

    @Test("runs while it is needed")
    func runs() async throws {
        let (bus, answer) = try await withMessageBus { bus in
            try await bus.requests("orders") { $0.query("show") { message, _ in message } }
            return (bus, try await bus.query("orders/show", ["id": 123]))
        }
        #expect(answer["id"] == 123)
        let error = await #expect(throws: MessagingError.self) { try await bus.command("orders/show") }
        #expect(error?.code == .notStarted)
    }

    @Test("is stopped when the test fails")
    func stops() async throws {
        let bus = try MessageBus(options: ["mq_adapter": "memory"])
        await #expect(throws: Expected.self) { try await withMessageBus(bus) { _ in throw Expected() } }
        let error = await #expect(throws: MessagingError.self) { try await bus.command("orders/show") }
        #expect(error?.code == .notStarted)
    }
}
