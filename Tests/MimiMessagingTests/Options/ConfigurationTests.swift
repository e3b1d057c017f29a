import Configuration
import Logging
import Testing

@testable import MimiMessaging

@Suite struct ConfigurationTests {
    private static let definitions =
        BusEnvironment.options + [
            OptionDefinition("mq_host", "The hosts."), OptionDefinition("mq_password", isSecret: true, "The password."),
            OptionDefinition("mq_tls", "Whether to use TLS."), OptionDefinition("mq_weight", "A number."),
        ]

    @Test func keysAreReadFromTheEnvironment() throws {
        let provider = EnvironmentVariablesProvider(environmentVariables: [
            "MQ_ADAPTER": "memory", "MQ_DEFAULT_QUERY_TIMEOUT": "250ms", "MQ_HOST": "a,b", "MQ_CONCURRENCY": "3",
            "MQ_RETRY_DELAYS": "1s,5s", "MQ_SOMETHING_ELSE": "ignored", "MQ_TLS": "true",
        ])
        let options = try MessagingOptions(ConfigReader(provider: provider)).resolved(with: Self.definitions)
        #expect(try options.string("mq_adapter") == "memory")
        #expect(try options.duration("mq_default_query_timeout") == .milliseconds(250))
        #expect(try options.list("mq_host") == ["a", "b"])
        #expect(try options.integer("mq_concurrency", in: 1...10) == 3)
        #expect(try options.durations("mq_retry_delays") == [.seconds(1), .seconds(5)])
        #expect(try options.bool("mq_tls") == true)
        #expect(!options.isSet("mq_password"))
    }

    @Test func valuesKeepTheirKind() throws {
        let provider = InMemoryProvider(values: [
            "mq.concurrency": 3, "mq.host": ConfigValue(.stringArray(["a", "b"]), isSecret: false), "mq.tls": true,
            "mq.weight": 1.5, "mq.namespace": "test.",
        ])
        let options = try MessagingOptions(ConfigReader(provider: provider)).resolved(with: Self.definitions)
        #expect(try options.integer("mq_concurrency", in: 1...10) == 3)
        #expect(try options.list("mq_host") == ["a", "b"])
        #expect(try options.bool("mq_tls") == true)
        #expect(try options.duration("mq_weight") == .milliseconds(1500))
        #expect(try options.string("mq_namespace") == "test.")
    }

    @Test func whatIsSetByHandComesFirst() throws {
        let provider = InMemoryProvider(values: ["mq.namespace": "config.", "mq.host": "config"])
        let options = try MessagingOptions(ConfigReader(provider: provider)).setting("mq_namespace", to: "hand.")
            .resolved(with: Self.definitions)
        #expect(try options.string("mq_namespace") == "hand.")
        #expect(try options.string("mq_host") == "config")
    }

    @Test func secretsAreReadAsSecrets() throws {
        let reports = AccessRecorder()
        let provider = InMemoryProvider(values: ["mq.password": "hunter2", "mq.host": "localhost"])
        let reader = ConfigReader(provider: provider, accessReporter: reports)
        let options = try MessagingOptions(reader).resolved(with: Self.definitions)
        #expect(try options.string("mq_password") == "hunter2")
        let secret = try #require(reports.values["mq.password"])
        #expect(secret.isSecret)
        let host = try #require(reports.values["mq.host"])
        #expect(!host.isSecret)
    }

    @Test func aBusIsConfigured() async throws {
        let provider = InMemoryProvider(values: ["mq.adapter": "memory", "mq.namespace": "test."])
        let bus = try MessageBus(config: ConfigReader(provider: provider))
        #expect(bus.environment.namespace == "test.")
        let wrong = InMemoryProvider(values: ["mq.adapter": "memory", "mq.concurrency": "none"])
        let error = try await expectError(.configuration) { try MessageBus(config: ConfigReader(provider: wrong)) }
        #expect(error.message.contains("mq_concurrency"))
        try await expectError(.configuration) {
            try MessageBus(config: ConfigReader(provider: InMemoryProvider(values: [:])))
        }
    }
}

/// Remembers which values were asked for.
private final class AccessRecorder: AccessReporter {
    private let state = Lock<[String: ConfigValue]>([:])

    var values: [String: ConfigValue] { state.withLock { $0 } }

    func report(_ event: AccessEvent) {
        guard let value = try? event.result.get() else { return }
        state.withLock { $0[event.metadata.key.description] = value }
    }
}
