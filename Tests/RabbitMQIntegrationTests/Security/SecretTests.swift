import Foundation
import Logging
import Metrics
import MetricsTestKit
import MimiMessaging
import MimiMessagingTesting
import RabbitMQClient
import Testing

/// Passwords get to the broker, and to no other place.
@Suite(
    "Secrets", .serialized,
    .enabled(if: TestBroker.expectsControl, "MIMI_RABBITMQ_CONTROL names no script that controls a broker"))
struct SecretTests {
    private static let passwords = [
        "p@ss/Zx9!%25", String(repeating: "long-secret-", count: 250), "пароль-🔑-secret", " spaces and\ttabs secret ",
    ]

    /// Everything a session can say, at every level of the log, with an error of each kind.
    @Test("odd passwords are refused by name only", .timeLimit(.minutes(1)), arguments: passwords)
    func refused(_ password: String) async throws {
        let endpoint = try await TestBroker.require().endpoints[0]
        let log = LogRecorder()
        let metrics = TestMetrics()
        var shown = ""
        let bus = try withMetricsFactory(metrics) {
            try MessageBus(
                options: [
                    "mq_adapter": "rabbitmq", "mq_host": .string(endpoint.host), "mq_port": .integer(endpoint.port),
                    "mq_username": "nobody-secret", "mq_password": .string(password),
                    "mq_rabbitmq_start_timeout": "20s",
                ],
                adapters: TestBroker.adapters, logger: log.logger)
        }
        dump(bus, to: &shown)
        let error = await #expect(throws: MessagingError.self) { try await bus.start() }
        #expect(error?.code == .authentication)
        dump(error, to: &shown)
        dump(bus, to: &shown)
        await bus.stop()
        for text in [shown, log.text, metrics.text, String(reflecting: error), String(reflecting: bus)] {
            #expect(!text.contains(password))
            #expect(!text.contains("secret"))
        }
    }

    @Test("odd passwords let in, as an option and in a URL", .timeLimit(.minutes(1))) func letIn() async throws {
        let broker = try await ControlledBroker(named: "passwords")
        let parts = try #require(URLComponents(string: broker.url))
        for (number, password) in Self.passwords.enumerated() {
            try await broker.add(user: "user\(number)", password: password)
            var url = parts
            (url.user, url.password) = ("user\(number)", password)
            try await broker.letsIn(["mq_url": .string(try #require(url.string))])
            try await broker.letsIn([
                "mq_host": .string(try #require(parts.host)), "mq_port": .integer(try #require(parts.port)),
                "mq_username": .string("user\(number)"), "mq_password": .string(password),
            ])
        }
    }

    @Test("a whole session says nothing", .timeLimit(.minutes(1))) func session() async throws {
        let broker = try await GuardedBroker(named: "secrets")
        // The password is the name.
        let user = "hidden-name-of-a-user"
        try await broker.addUser(user, configure: ".*", write: ".*", read: ".*")
        let log = LogRecorder()
        var shown = ""
        let asked = Journal<Void>()
        let metrics = TestMetrics()
        let bus = try withMetricsFactory(metrics) {
            try MessageBus(
                options: ["mq_adapter": "rabbitmq", "mq_url": .string(broker.url.replacing("guest:guest@", with: ""))],
                adapters: TestBroker.adapters,
                credentials: {
                    asked.note(())
                    return Credentials(username: user, password: user)
                }, logger: log.logger)
        }
        try await bus.requests("secrets") { handlers in
            handlers.query("ask") { message, _ in ["n": .integer(try message["n"])] }
            handlers.command("fail") { _, _ in throw ProcessingError(code: "no", message: "no", isFinal: true) }
        }
        try await bus.start()
        // Once for each connection.
        #expect(try await asked.wait(for: 2).count == 2)
        #expect(try await bus.query("secrets/ask", ["n": 1])["n"] == 1)
        try await bus.command("secrets/fail")
        // The broker names the user when it refuses something.
        try await broker.addUser(user, configure: "^$", write: "^$", read: "^$")
        let refusal = await #expect(throws: MessagingError.self) { try await bus.event("forbidden#now") }
        #expect(refusal?.code == .accessRefused)
        #expect(refusal?.message.contains("refused for user '***'") == true)
        dump(refusal, to: &shown)
        dump(bus, to: &shown)
        await bus.stop()
        try await broker.stop()
        #expect(log.text.contains("connected to"))
        #expect(metrics.text.contains("secrets"))
        for text in [shown, log.text, metrics.text, String(reflecting: bus)] { #expect(!text.contains(user)) }
    }
}

extension ControlledBroker {
    /// Starts and stops a bus.
    fileprivate func letsIn(_ options: [String: OptionValue]) async throws {
        let adapter: [String: OptionValue] = ["mq_adapter": "rabbitmq", "mq_rabbitmq_start_timeout": "20s"]
        let bus = try MessageBus(
            options: MessagingOptions(options.merging(adapter) { own, _ in own }), adapters: TestBroker.adapters,
            logger: TestBroker.silent)
        try await bus.start()
        await bus.stop()
    }
}

extension TestMetrics {
    /// The names of all that was measured, with the labels.
    fileprivate var text: String {
        let instruments =
            counters.map { "\($0.label) \($0.dimensions)" } + timers.map { "\($0.label) \($0.dimensions)" }
            + meters.map { "\($0.label) \($0.dimensions)" } + recorders.map { "\($0.label) \($0.dimensions)" }
        return instruments.joined(separator: "\n")
    }
}
