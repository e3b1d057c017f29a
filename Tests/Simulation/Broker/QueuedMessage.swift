import RabbitMQClient

/// One publish, whatever number of queues it went to.
final class Publication {
    /// Whether its publisher was told that the broker has it. Until then a crash may take it.
    var isConfirmed: Bool

    init(isConfirmed: Bool) { self.isConfirmed = isConfirmed }
}

/// A message in a queue.
struct QueuedMessage {
    var message: AMQPMessage
    let address: Address
    let publication: Publication
    /// Its place in the queue; a message that comes back takes it again.
    var position: UInt64 = 0
    var isRedelivered = false
    /// How often it came back.
    var returns = 0
    var expiry: Duration?

    /// What the ledger calls it.
    var id: Int? {
        message.properties.headers?["n"].flatMap { if case .string(let text) = $0 { Int(text) } else { nil } }
    }

    /// The message as it is dead-lettered, with what the broker notes about that.
    func deadLettered(from queue: String, reason: String) -> AMQPMessage {
        var properties = message.properties
        var headers = properties.headers ?? [:]
        if headers["x-first-death-reason"] == nil {
            headers["x-first-death-reason"] = .string(reason)
            headers["x-first-death-queue"] = .string(queue)
            headers["x-first-death-exchange"] = .string(address.exchange)
        }
        headers["x-death"] = .array([.table(["queue": .string(queue), "reason": .string(reason), "count": 1])])
        properties.headers = headers
        properties.expiration = nil
        return AMQPMessage(properties: properties, body: message.body)
    }
}
