/// Every method that a broker may send after the login, with its fields.
///
/// Names that are not valid UTF-8 come repaired: they can only be compared with names we sent, and those are valid.
package enum IncomingMethod: Sendable, Equatable {
    case connectionClose(replyCode: UInt16, replyText: String, classID: UInt16, methodID: UInt16)
    case connectionCloseOk
    case connectionBlocked(reason: String)
    case connectionUnblocked
    case channelOpenOk
    case channelFlow(active: Bool)
    case channelClose(replyCode: UInt16, replyText: String, classID: UInt16, methodID: UInt16)
    case channelCloseOk
    case exchangeDeclareOk
    case exchangeDeleteOk
    case queueDeclareOk(queue: String, messageCount: UInt32, consumerCount: UInt32)
    case queueBindOk
    case queueUnbindOk
    case queuePurgeOk(messageCount: UInt32)
    case queueDeleteOk(messageCount: UInt32)
    case basicQosOk
    case basicConsumeOk(consumerTag: String)
    /// The broker ended a consumer; RabbitMQ always sets `noWait` and wants no answer.
    case basicCancel(consumerTag: String, noWait: Bool)
    case basicCancelOk(consumerTag: String)
    /// Content follows.
    case basicReturn(replyCode: UInt16, replyText: String, exchange: String, routingKey: String)
    /// Content follows.
    case basicDeliver(
        consumerTag: String, deliveryTag: UInt64, redelivered: Bool, exchange: String, routingKey: String)
    /// Content follows.
    case basicGetOk(
        deliveryTag: UInt64, redelivered: Bool, exchange: String, routingKey: String, messageCount: UInt32)
    case basicGetEmpty
    case basicAck(deliveryTag: UInt64, multiple: Bool)
    case basicNack(deliveryTag: UInt64, multiple: Bool)
    case confirmSelectOk
    /// A method we never ask for: the peer breaks the protocol.
    case unknown(classID: UInt16, methodID: UInt16)

    /// Whether a content header and body frames follow on the same channel.
    package var hasContent: Bool {
        switch self {
        case .basicReturn, .basicDeliver, .basicGetOk: true
        default: false
        }
    }

    /// The method's AMQP name for error texts, for instance `queue.declare-ok`.
    package var name: String {
        switch self {
        case .connectionClose: "connection.close"
        case .connectionCloseOk: "connection.close-ok"
        case .connectionBlocked: "connection.blocked"
        case .connectionUnblocked: "connection.unblocked"
        case .channelOpenOk: "channel.open-ok"
        case .channelFlow: "channel.flow"
        case .channelClose: "channel.close"
        case .channelCloseOk: "channel.close-ok"
        case .exchangeDeclareOk: "exchange.declare-ok"
        case .exchangeDeleteOk: "exchange.delete-ok"
        case .queueDeclareOk: "queue.declare-ok"
        case .queueBindOk: "queue.bind-ok"
        case .queueUnbindOk: "queue.unbind-ok"
        case .queuePurgeOk: "queue.purge-ok"
        case .queueDeleteOk: "queue.delete-ok"
        case .basicQosOk: "basic.qos-ok"
        case .basicConsumeOk: "basic.consume-ok"
        case .basicCancel: "basic.cancel"
        case .basicCancelOk: "basic.cancel-ok"
        case .basicReturn: "basic.return"
        case .basicDeliver: "basic.deliver"
        case .basicGetOk: "basic.get-ok"
        case .basicGetEmpty: "basic.get-empty"
        case .basicAck: "basic.ack"
        case .basicNack: "basic.nack"
        case .confirmSelectOk: "confirm.select-ok"
        case .unknown(let classID, let methodID):
            MethodName.text(classID: classID, methodID: methodID) ?? "method \(classID).\(methodID)"
        }
    }
}
