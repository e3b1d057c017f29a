import Testing

/// Tests that harm a broker, one after the other: they share one that is nobody else's. It ends with the test run.
@Suite(
    "A broker", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: TestBroker.expectsControl, "MIMI_RABBITMQ_CONTROL names no script that controls a broker"))
struct HarmedBrokerTests {
    static let broker = Task { try await ControlledBroker(named: "harmed") }
}
