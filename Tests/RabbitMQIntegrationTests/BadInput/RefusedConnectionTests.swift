import MimiMessaging
import RabbitMQClient
import Testing

@Suite("What the broker refuses is named, and nothing hangs")
struct RefusedConnectionTests {
    private func failure(_ options: [String: OptionValue]) async throws -> MessagingError? {
        let broker = try await TestBroker.require().endpoints[0]
        let defaults: [String: OptionValue] = [
            "mq_adapter": "rabbitmq", "mq_host": .string(broker.host), "mq_port": .integer(broker.port),
            "mq_rabbitmq_start_timeout": "0s", "mq_rabbitmq_connect_timeout": "30s",
        ]
        let bus = try MessageBus(
            options: MessagingOptions(defaults.merging(options) { _, own in own }), adapters: TestBroker.adapters,
            logger: TestBroker.silent)
        let error = await #expect(throws: MessagingError.self) { try await bus.start() }
        await bus.stop()
        #expect(error?.description.contains("s3cret") == false)
        return error
    }

    @Test("a wrong password", .timeLimit(.minutes(1))) func password() async throws {
        let error = try await failure(["mq_username": "guest", "mq_password": "s3cret"])
        #expect(error?.code == .authentication)
        #expect(error?.isRetryable == false)
    }

    @Test("a virtual host that is not there", .timeLimit(.minutes(1))) func virtualHost() async throws {
        let error = try await failure(["mq_vhost": "nowhere-at-all"])
        #expect(error?.code == .accessRefused)
        #expect(error?.message.contains("nowhere-at-all") == true)
    }

    @Test("no broker", .timeLimit(.minutes(1))) func noBroker() async throws {
        // A port that was free a moment ago, and has no listener.
        let proxy = try FaultProxy(upstreamPort: 1)
        proxy.close()
        let error = try await failure([
            "mq_host": "127.0.0.1", "mq_port": .integer(proxy.port), "mq_rabbitmq_connect_timeout": "3s",
        ])
        #expect(error?.code == .connection)
        #expect(error?.message.contains("\(proxy.port)") == true)
    }

    @Test("TLS at the plain port never becomes plain", .timeLimit(.minutes(1))) func tlsAtPlainPort() async throws {
        let error = try await failure(["mq_tls": true, "mq_rabbitmq_connect_timeout": "3s"])
        #expect(error?.code == .connection)
    }

    @Test("a host that does not exist", .timeLimit(.minutes(1))) func unknownHost() async throws {
        let error = try await failure(["mq_host": "no-such-host.invalid", "mq_rabbitmq_connect_timeout": "3s"])
        #expect(error?.code == .connection)
        #expect(error?.message.contains("no-such-host.invalid") == true)
    }
}
