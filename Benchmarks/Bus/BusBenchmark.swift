import Foundation
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ

/// One process of a benchmark. Its role is the argument, its settings come from the environment.
@main
struct BusBenchmark {
    static func main() async throws {
        try await run(CommandLine.arguments.dropFirst().first ?? "", Settings())
    }

    /// Not on the main actor, where `main` is: a service does its work elsewhere too.
    @concurrent private static func run(_ role: String, _ settings: Settings) async throws {
        switch role {
        case "declare": try await Topology(settings).declare()
        case "publish": try await Publishing(settings).run()
        case "process": try await Processing(settings).run()
        case "ask": try await Queries(settings).ask()
        case "answer": try await Queries(settings).answer()
        case "service": try await ServicePath(settings).run()
        case "start": try await Lifecycle(settings).measureStart()
        case "idle": try await Lifecycle(settings).measureIdleness()
        case "queues": try await ManyQueues(settings).run()
        default:
            let roles = "declare, publish, process, ask, answer, service, start, idle, queues"
            FileHandle.standardError.write(Data("usage: BusBenchmark ROLE, which is one of \(roles)\n".utf8))
            exit(64)
        }
    }
}

extension MessageBus {
    /// A bus as a service would have it, connected.
    static func started(_ settings: Settings, _ more: [String: String] = [:]) async throws -> MessageBus {
        let bus = try make(settings, more)
        try await bus.start()
        return bus
    }

    /// The same, not connected.
    static func make(_ settings: Settings, _ more: [String: String] = [:]) throws -> MessageBus {
        var options: MessagingOptions = [
            "mq_adapter": "rabbitmq", "mq_host": "127.0.0.1", "mq_port": "\(settings.port)",
            "mq_rabbitmq_queue_type": settings.queue.hasSuffix("quorum") ? "quorum" : "classic",
            "mq_publish_timeout": "60s", "mq_default_query_timeout": "60s",
        ]
        for (name, value) in more { options = options.setting(name, to: .string(value)) }
        var logger = Logger(label: "benchmark") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return try MessageBus(options: options, adapters: [RabbitMQAdapter.self], logger: logger)
    }
}
