import Foundation
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ

extension TestBroker {
    /// A logger that keeps quiet.
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    static let adapters: [any MessagingAdapter.Type] = [RabbitMQAdapter.self]

    /// A bus on the broker of the tests, not started.
    static func bus(
        _ options: [String: OptionValue] = [:], url: String = TestBroker.url, logger: Logger = TestBroker.silent
    ) throws -> MessageBus {
        let defaults: [String: OptionValue] = [
            "mq_adapter": "rabbitmq", "mq_url": .string(url), "mq_retry_delays": "20ms", "mq_retry_max_attempts": 3,
        ]
        return try MessageBus(
            options: MessagingOptions(defaults.merging(options) { _, own in own }), adapters: adapters,
            logger: logger)
    }

    /// How many messages a load test sends.
    static var loadMessages: Int {
        ProcessInfo.processInfo.environment["MIMI_LOAD_MESSAGES"].flatMap(Int.init) ?? 10_000
    }
}
