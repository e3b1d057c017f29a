import Synchronization

extension AMQPChannel {
    /// Numbers the consumer tags that are chosen here.
    private static let tags = Atomic<UInt64>(0)

    /// Bounds how many deliveries may be without a verdict (`basic.qos`), for each consumer made after this.
    ///
    /// - Parameter count: 0 is no bound.
    package func setPrefetch(_ count: UInt16) async throws(AMQPError) {
        _ = try await call(.basicQos(prefetchCount: count, global: false))
    }

    /// Starts a consumer (`basic.consume`).
    ///
    /// - Parameters:
    ///   - tag: names it within the channel. Default: a name of our own.
    ///   - noAck: deliveries count as acknowledged when the broker has sent them.
    ///   - exclusive: nobody else may consume from the queue.
    ///   - onDelivery: gets each delivery, on the connection's thread: it must not block. The first may come before
    ///     this returns.
    ///   - onCancel: the broker has ended the consumer, for instance because the queue is gone (`basic.cancel`). On
    ///     the connection's thread as well.
    /// - Returns: the consumer's tag.
    @discardableResult
    package func consume(
        _ queue: String, tag: String? = nil, noAck: Bool = false, exclusive: Bool = false,
        arguments: AMQPFieldTable = [:], onDelivery: @escaping @Sendable (AMQPDelivery) -> Void,
        onCancel: @escaping @Sendable () -> Void
    ) async throws(AMQPError) -> String {
        let tag = tag ?? "consumer-\(Self.tags.wrappingAdd(1, ordering: .relaxed).newValue)"
        _ = try await call(
            .basicConsume(queue: queue, consumerTag: tag, noAck: noAck, exclusive: exclusive, arguments: arguments),
            consumer: Consumer(tag: tag, noAck: noAck, onDelivery: onDelivery, onCancel: onCancel))
        return tag
    }

    /// Ends a consumer (`basic.cancel`). Deliveries may come until this returns, none after.
    package func cancel(consumerTag: String) async throws(AMQPError) {
        _ = try await call(.basicCancel(consumerTag: consumerTag))
    }

    /// Takes one message from a queue, if it has one (`basic.get`). It awaits a verdict.
    package func get(_ queue: String) async throws(AMQPError) -> AMQPDelivery? {
        switch try await call(.basicGet(queue: queue, noAck: false)) {
        case .delivery(let delivery): return delivery
        case .method: return nil
        }
    }

    /// Acknowledges a delivery (`basic.ack`). Returns at once; a verdict for a channel that is gone means nothing.
    package func ack(_ tag: AMQPDeliveryTag) { decide(tag, .ack) }

    /// Refuses a delivery (`basic.nack`): it goes back to its queue, or is dead-lettered or dropped.
    package func nack(_ tag: AMQPDeliveryTag, requeue: Bool) { decide(tag, .nack(requeue: requeue)) }

    /// Refuses a delivery (`basic.reject`), which means the same to RabbitMQ.
    package func reject(_ tag: AMQPDeliveryTag, requeue: Bool) { decide(tag, .reject(requeue: requeue)) }

    private func decide(_ tag: AMQPDeliveryTag, _ verdict: AMQPVerdict) {
        guard tag.generation == id.generation else { return }
        _ = connection.mailbox.submit(.decide(id, deliveryTag: tag.number, verdict))
    }
}
