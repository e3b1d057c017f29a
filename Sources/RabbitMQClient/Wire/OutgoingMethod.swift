/// Every method that we send after the login, `basic.publish` apart, which comes with its content.
package enum OutgoingMethod: Sendable, Equatable {
    case connectionClose(replyCode: UInt16, replyText: String)
    case connectionCloseOk
    case channelOpen
    case channelClose(replyCode: UInt16, replyText: String)
    case channelCloseOk
    case channelFlowOk(active: Bool)
    case exchangeDeclare(
        name: String, type: String, passive: Bool, durable: Bool, autoDelete: Bool, internal: Bool,
        arguments: AMQPFieldTable)
    case exchangeDelete(name: String, ifUnused: Bool)
    case queueDeclare(
        name: String, passive: Bool, durable: Bool, exclusive: Bool, autoDelete: Bool, arguments: AMQPFieldTable)
    case queueBind(queue: String, exchange: String, routingKey: String, arguments: AMQPFieldTable)
    case queueUnbind(queue: String, exchange: String, routingKey: String, arguments: AMQPFieldTable)
    case queuePurge(queue: String)
    case queueDelete(queue: String, ifUnused: Bool, ifEmpty: Bool)
    case basicQos(prefetchCount: UInt16, global: Bool)
    case basicConsume(queue: String, consumerTag: String, noAck: Bool, exclusive: Bool, arguments: AMQPFieldTable)
    case basicCancel(consumerTag: String)
    case basicGet(queue: String, noAck: Bool)
    case basicAck(deliveryTag: UInt64, multiple: Bool)
    case basicNack(deliveryTag: UInt64, multiple: Bool, requeue: Bool)
    case basicReject(deliveryTag: UInt64, requeue: Bool)
    case confirmSelect
}
