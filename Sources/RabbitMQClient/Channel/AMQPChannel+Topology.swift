/// What `queue.declare` tells about a queue.
package struct AMQPQueueStatus: Sendable, Hashable {
    /// Its name; the broker's choice if the declared one was empty.
    package var name: String
    /// How many messages are ready for delivery.
    package var messageCount: UInt32
    /// How many consumers it has.
    package var consumerCount: UInt32
}

/// All of these throw ``AMQPError/Kind/channelClosed`` when the broker refuses (with reply code, text and method),
/// ``AMQPError/Kind/timeout`` without an answer, ``AMQPError/Kind/invalidMessage`` for a name or table that cannot be
/// encoded, and why the connection has ended if it has.
extension AMQPChannel {
    /// Declares an exchange (`exchange.declare`).
    ///
    /// - Parameter passive: only see whether it exists.
    package func declareExchange(
        _ name: String, type: String, passive: Bool = false, durable: Bool = true, autoDelete: Bool = false,
        internal: Bool = false, arguments: AMQPFieldTable = [:]
    ) async throws(AMQPError) {
        _ = try await call(
            .exchangeDeclare(
                name: name, type: type, passive: passive, durable: durable, autoDelete: autoDelete,
                internal: `internal`,
                arguments: arguments))
    }

    /// Deletes an exchange, existing or not (`exchange.delete`).
    package func deleteExchange(_ name: String, ifUnused: Bool = false) async throws(AMQPError) {
        _ = try await call(.exchangeDelete(name: name, ifUnused: ifUnused))
    }

    /// Declares a queue (`queue.declare`). With an empty name the broker chooses one.
    ///
    /// - Parameter passive: only see whether it exists.
    package func declareQueue(
        _ name: String, passive: Bool = false, durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false,
        arguments: AMQPFieldTable = [:]
    ) async throws(AMQPError) -> AMQPQueueStatus {
        let answer = try await call(
            .queueDeclare(
                name: name, passive: passive, durable: durable, exclusive: exclusive, autoDelete: autoDelete,
                arguments: arguments))
        guard case .method(.queueDeclareOk(let queue, let messageCount, let consumerCount)) = answer else {
            throw unexpected(answer)
        }
        return AMQPQueueStatus(name: queue, messageCount: messageCount, consumerCount: consumerCount)
    }

    /// Binds a queue to an exchange (`queue.bind`).
    package func bindQueue(
        _ queue: String, exchange: String, routingKey: String, arguments: AMQPFieldTable = [:]
    ) async throws(AMQPError) {
        _ = try await call(.queueBind(queue: queue, exchange: exchange, routingKey: routingKey, arguments: arguments))
    }

    /// Takes a binding away (`queue.unbind`).
    package func unbindQueue(
        _ queue: String, exchange: String, routingKey: String, arguments: AMQPFieldTable = [:]
    ) async throws(AMQPError) {
        _ = try await call(.queueUnbind(queue: queue, exchange: exchange, routingKey: routingKey, arguments: arguments))
    }

    /// Drops all messages that are ready (`queue.purge`), and says how many they were.
    @discardableResult
    package func purgeQueue(_ queue: String) async throws(AMQPError) -> UInt32 {
        let answer = try await call(.queuePurge(queue: queue))
        guard case .method(.queuePurgeOk(let messageCount)) = answer else { throw unexpected(answer) }
        return messageCount
    }

    /// Deletes a queue, existing or not (`queue.delete`), and says how many messages went with it.
    @discardableResult
    package func deleteQueue(
        _ queue: String, ifUnused: Bool = false, ifEmpty: Bool = false
    ) async throws(AMQPError) -> UInt32 {
        let answer = try await call(.queueDelete(queue: queue, ifUnused: ifUnused, ifEmpty: ifEmpty))
        guard case .method(.queueDeleteOk(let messageCount)) = answer else { throw unexpected(answer) }
        return messageCount
    }
}
