import Configuration
import Logging
import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite struct MessagingOptionsTests {
    /// A bus that is never started.
    private func bus(_ options: MessagingOptions, adapters: [any MessagingAdapter.Type] = []) throws -> MessageBus {
        try MessageBus(options: options, adapters: adapters)
    }

    @Test func theAdapterHasToBeNamed() async throws {
        let missing = try await expectError(.configuration) { try bus([:]) }
        #expect(missing.message.contains("'mq_adapter'"))
        #expect(missing.message.contains("memory"))
        let unknown = try await expectError(.configuration) { try bus(["mq_adapter": "carrier\npigeon"]) }
        #expect(unknown.message.contains("mq_adapter"))
        #expect(unknown.message.contains("memory"))
        #expect(!unknown.message.contains("\n"))
    }

    @Test func unknownOptionsAreNamed() async throws {
        let error = try await expectError(.configuration) { try bus(["mq_adapter": "memory", "mq_hots": "localhost"]) }
        #expect(error.message.contains("'mq_hots'"))
        #expect(error.message.contains("mq_default_query_timeout"))
        #expect(!error.message.contains("localhost"))
    }

    private static let malformed: [(String, OptionValue)] = [
        ("mq_default_query_timeout", "soon"), ("mq_default_query_timeout", 0),
        ("mq_default_query_timeout", -1), ("mq_default_query_timeout", true), ("mq_publish_timeout", .double(.nan)),
        ("mq_publish_timeout", .double(.infinity)), ("mq_publish_timeout", "-1s"), ("mq_shutdown_timeout", "10000h"),
        ("mq_shutdown_timeout", "5d"), ("mq_shutdown_timeout", .integer(.max)), ("mq_shutdown_timeout", ""),
        ("mq_concurrency", 0), ("mq_concurrency", 10_001), ("mq_concurrency", "many"), ("mq_concurrency", 1.5),
        ("mq_concurrency", .string("99999999999999999999")), ("mq_max_body_size", 0), ("mq_max_body_size", -1),
        ("mq_retry_max_attempts", 0), ("mq_retry_immediate", -1), ("mq_retry_delays", "1s,later"),
        ("mq_retry_delays", true), ("mq_retry_delays", ["1s", "-1s"]), ("mq_log_at_level", "loud"),
        ("mq_log_at_level", true), ("mq_namespace", "a b"), ("mq_namespace", ["a"]), ("mq_namespace", "a\n"),
        ("mq_app_id", .string(String(repeating: "a", count: 256))), ("mq_adapter", true),
    ]

    @Test(arguments: malformed)
    func malformedOptionsAreNamed(key: String, value: OptionValue) async throws {
        let options = MessagingOptions(["mq_adapter": "memory"]).setting(key, to: value)
        let error = try await expectError(.configuration) { try bus(options) }
        #expect(error.message.contains(key))
    }

    @Test func theAdapterContradictsTheOption() async throws {
        let adapter = MemoryAdapter(context: AdapterContext())
        let error = try await expectError(.configuration) {
            try MessageBus(adapter: adapter, options: ["mq_adapter": "rabbitmq"])
        }
        #expect(error.message.contains("mq_adapter"))
        _ = try MessageBus(adapter: adapter, options: ["mq_adapter": "memory"])
    }

    @Test func everyOptionIsRead() throws {
        let environment = try BusEnvironment(
            options: [
                "mq_namespace": "test.", "mq_app_id": "shop", "mq_default_query_timeout": 1.5,
                "mq_publish_timeout": "250ms", "mq_shutdown_timeout": 0, "mq_concurrency": "7",
                "mq_max_body_size": 1000,
                "mq_retry_max_attempts": 4, "mq_retry_immediate": 1, "mq_retry_delays": "1s, 2m,,500ms",
                "mq_log_at_level": "info",
            ],
            system: "memory", serializers: [], middleware: [], clock: .continuous, logger: Logger(label: "test"))
        #expect(environment.namespace == "test.")
        #expect(environment.appID == "shop")
        #expect(environment.queryTimeout == .milliseconds(1500))
        #expect(environment.publishTimeout == .milliseconds(250))
        #expect(environment.shutdownTimeout == .zero)
        #expect(environment.concurrency == 7)
        #expect(environment.maximumBodySize == 1000)
        let delays: [Duration] = [.seconds(1), .seconds(120), .milliseconds(500)]
        #expect(environment.retryPolicy == RetryPolicy(maximumAttempts: 4, immediateRetries: 1, delays: delays))
        #expect(environment.logLevel == .info)
    }

    @Test func defaults() throws {
        let environment = try BusEnvironment(
            options: [:], system: "memory", serializers: [], middleware: [], clock: .continuous,
            logger: Logger(label: "test"))
        #expect(environment.namespace.isEmpty)
        #expect(environment.appID == nil)
        #expect(environment.queryTimeout == .seconds(15))
        #expect(environment.publishTimeout == .seconds(15))
        #expect(environment.shutdownTimeout == .seconds(30))
        #expect(environment.concurrency == 16)
        #expect(environment.maximumBodySize == 16 * 1024 * 1024)
        #expect(environment.retryPolicy == .standard)
        #expect(environment.logLevel == .debug)
    }

    @Test(arguments: [
        ("15", Duration.seconds(15)), ("1.5", .milliseconds(1500)), ("250ms", .milliseconds(250)),
        (" 2 m ", .seconds(120)),
        ("1h", .seconds(3600)), ("0", .zero), ("8784h", .seconds(366 * 24 * 3600)),
    ])
    func durations(text: String, duration: Duration) throws {
        #expect(DurationText.parse(text) == duration)
        #expect(try MessagingOptions(["mq_x": .string(text)]).duration("mq_x") == duration)
    }

    @Test(arguments: ["", " ", "s", "ms", "soon", "1d", "1s2", "-1", "nan", "inf", "infs", "1e400", "8785h", "1,5s"])
    func wrongDurations(text: String) { #expect(DurationText.parse(text) == nil) }

    @Test func lists() throws {
        let options: MessagingOptions = [
            "mq_a": "x, y,,z ", "mq_b": ["x", "y"], "mq_c": 5, "mq_d": 1.5, "mq_e": "", "mq_f": true,
        ]
        #expect(try options.list("mq_a") == ["x", "y", "z"])
        #expect(try options.list("mq_b") == ["x", "y"])
        #expect(try options.list("mq_c") == ["5"])
        #expect(try options.list("mq_d") == ["1.5"])
        #expect(try options.list("mq_e") == [])
        #expect(try options.list("mq_g") == nil)
        #expect(throws: MessagingError.self) { try options.list("mq_f") }
    }

    private static let truths: [(OptionValue, Bool)] = [
        (true, true), ("yes", true), ("TRUE", true), ("1", true), (1, true), (false, false), ("No", false),
        ("0", false),
        (0, false),
    ]

    @Test(arguments: truths)
    func truthValues(value: OptionValue, expected: Bool) throws {
        #expect(try MessagingOptions(["mq_x": value]).bool("mq_x") == expected)
    }

    @Test(arguments: ["maybe", 2, 1.0, ["true"], ""] as [OptionValue])
    func wrongTruthValues(value: OptionValue) async throws {
        let error = try await expectError(.configuration) { try MessagingOptions(["mq_x": value]).bool("mq_x") }
        #expect(error.message.contains("mq_x"))
    }

    @Test func textAndNumbers() throws {
        let options: MessagingOptions = ["mq_password": 1234, "mq_port": "5672", "mq_big": 70_000]
        #expect(try options.string("mq_password") == "1234")
        #expect(try options.integer("mq_port", in: 1...65_535) == 5672)
        #expect(throws: MessagingError.self) { try options.integer("mq_big", in: 1...65_535) }
        #expect(try options.integer("mq_none", in: 1...2) == nil)
        #expect(options.isSet("mq_port"))
        #expect(!options.isSet("mq_none"))
    }

    @Test func aMalformedSecretIsNotShown() async throws {
        let options: MessagingOptions = ["mq_password": ["hunter2"]]
        let error = try await expectError(.configuration) { try options.string("mq_password") }
        #expect(!"\(error)".contains("hunter2"))
    }

    @Test func theLastOfEqualKeysCounts() throws {
        let options: MessagingOptions = ["mq_x": "a", "mq_x": "b"]
        #expect(try options.string("mq_x") == "b")
        #expect(try options.choice("mq_x", of: ["a", "b"]) == "b")
        #expect(throws: MessagingError.self) { try options.choice("mq_x", of: ["a"]) }
    }
}
