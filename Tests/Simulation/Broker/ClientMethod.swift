/// The methods that the client is expected to send. Any other is a mistake of the client.
enum ClientMethod {
    case connectionClose, connectionCloseOk
    case channelOpen, channelClose, channelCloseOk
    case exchangeDeclare(name: String, type: String, isPassive: Bool)
    case queueDeclare(QueueDeclaration)
    case queueBind(queue: String, exchange: String, arguments: [UInt8])
    case qos(prefetch: Int)
    case consume(queue: String, tag: String, noAck: Bool)
    case cancel(tag: String)
    case publish(Address, isMandatory: Bool)
    case ack(tag: UInt64, multiple: Bool)
    case reject(tag: UInt64, requeue: Bool)
    case nack(tag: UInt64, multiple: Bool, requeue: Bool)
    case confirmSelect

    /// - Throws: for what AMQP does not allow; nil for a method that this client has no use for.
    init?(_ payload: [UInt8]) throws(OctetReader.Malformed) {
        var reader = OctetReader(payload)
        let ids = (try reader.number(UInt16.self), try reader.number(UInt16.self))
        switch ids {
        case (10, 50):
            _ = (try reader.number(UInt16.self), try reader.short(), try reader.number(UInt32.self))
            self = .connectionClose
        case (10, 51): self = .connectionCloseOk
        case (20, 10):
            _ = try reader.short()
            self = .channelOpen
        case (20, 40):
            _ = (try reader.number(UInt16.self), try reader.short(), try reader.number(UInt32.self))
            self = .channelClose
        case (20, 41): self = .channelCloseOk
        case (40, 10):
            _ = try reader.number(UInt16.self)
            let (name, type, flags) = (try reader.short(), try reader.short(), try reader.flags())
            _ = try reader.table()
            self = .exchangeDeclare(name: name, type: type, isPassive: flags & 1 != 0)
        case (50, 10):
            _ = try reader.number(UInt16.self)
            let (name, flags) = (try reader.short(), try reader.flags())
            self = .queueDeclare(
                QueueDeclaration(
                    name: name, isPassive: flags & 1 != 0, isDurable: flags & 2 != 0, isExclusive: flags & 4 != 0,
                    isAutoDelete: flags & 8 != 0, arguments: try reader.table()))
        case (50, 20):
            _ = try reader.number(UInt16.self)
            let (queue, exchange, _, _) = (
                try reader.short(), try reader.short(), try reader.short(), try reader.flags()
            )
            self = .queueBind(queue: queue, exchange: exchange, arguments: try reader.table())
        case (60, 10):
            _ = try reader.number(UInt32.self)
            let count: UInt16 = try reader.number()
            guard try reader.flags() == 0 else { return nil }
            self = .qos(prefetch: Int(count))
        case (60, 20):
            _ = try reader.number(UInt16.self)
            let (queue, tag, flags) = (try reader.short(), try reader.short(), try reader.flags())
            _ = try reader.table()
            self = .consume(queue: queue, tag: tag, noAck: flags & 2 != 0)
        case (60, 30):
            self = .cancel(tag: try reader.short())
            _ = try reader.flags()
        case (60, 40):
            _ = try reader.number(UInt16.self)
            let address = Address(exchange: try reader.short(), routingKey: try reader.short())
            self = .publish(address, isMandatory: try reader.flags() & 1 != 0)
        case (60, 80): self = .ack(tag: try reader.number(), multiple: try reader.flags() & 1 != 0)
        case (60, 90): self = .reject(tag: try reader.number(), requeue: try reader.flags() & 1 != 0)
        case (60, 120):
            let (tag, flags): (UInt64, UInt8) = (try reader.number(), try reader.flags())
            self = .nack(tag: tag, multiple: flags & 1 != 0, requeue: flags & 2 != 0)
        case (85, 10):
            _ = try reader.flags()
            self = .confirmSelect
        default: return nil
        }
        try reader.finish()
    }
}

/// What a client wants of a queue.
struct QueueDeclaration {
    var name: String
    let isPassive: Bool
    let isDurable: Bool
    let isExclusive: Bool
    let isAutoDelete: Bool
    /// The table as it came.
    let arguments: [UInt8]
}

/// Where a message is published to.
struct Address {
    let exchange: String
    let routingKey: String
}
