import RabbitMQClient

/// One thing that has to be on the broker. All queues and exchanges are durable.
enum TopologyDeclaration: Hashable, Sendable {
    case queue(String, AMQPFieldTable)
    case exchange(String, type: String)
    case binding(queue: String, exchange: String, AMQPFieldTable)

    /// A topic: a fanout exchange.
    static func topic(_ name: String) -> TopologyDeclaration { .exchange(name, type: "fanout") }
}

extension AMQPChannel {
    /// Declares it. What is there already, and is the same, stays.
    func declare(_ declaration: TopologyDeclaration) async throws(AMQPError) {
        switch declaration {
        case .queue(let name, let arguments): _ = try await declareQueue(name, arguments: arguments)
        case .exchange(let name, let type): try await declareExchange(name, type: type)
        case .binding(let queue, let exchange, let arguments):
            try await bindQueue(queue, exchange: exchange, routingKey: "", arguments: arguments)
        }
    }

    /// Sees whether it is there, whatever its arguments; the broker closes the channel if not. A binding cannot be asked for.
    func status(of declaration: TopologyDeclaration) async throws(AMQPError) -> AMQPQueueStatus? {
        switch declaration {
        case .queue(let name, _): return try await declareQueue(name, passive: true)
        case .exchange(let name, let type): try await declareExchange(name, type: type, passive: true)
        case .binding: break
        }
        return nil
    }
}
