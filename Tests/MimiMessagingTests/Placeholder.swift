import Testing
import MimiMessaging

@Test func smoke() async throws {
    let bus = try MessageBus(options: ["mq_adapter": "memory"])
    try await bus.requests("users") { users in
        users.query("show") { message, context in ["id": message["id"] ?? .null] }
    }
    try await bus.start()
    let answer = try await bus.query("users/show", ["id": 7])
    #expect(answer["id"] == 7)
    await bus.stop()
}
