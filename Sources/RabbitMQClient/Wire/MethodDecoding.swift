internal import CRabbitMQ

extension IncomingMethod {
    /// Decodes the payload of a method frame (`amqp_decode_method`).
    ///
    /// Only methods that a broker may send after the login reach the C decoder; none of them holds a table.
    ///
    /// - Parameter payload: The whole payload, method number first; at least 4 bytes.
    /// - Throws: ``AMQPError/Kind/protocolViolation`` when the arguments cannot be decoded.
    init(decoding payload: UnsafeRawBufferPointer, pool: borrowing MemoryPool) throws(AMQPError) {
        guard let number = unsafe payload.integer(UInt32.self, at: 0) else {
            throw AMQPError(.protocolViolation, "a method frame of \(payload.count) bytes")
        }
        if let plain = Self.withoutArguments(number) {
            self = plain
            return
        }
        let reader = unsafe ArgumentReader(number: number, payload: payload, pool: pool.pointer)
        let method =
            switch number >> 16 {
            case 10, 20: try Self.connectionOrChannel(number, reader)
            case 50: try Self.queue(number, reader)
            case 60: try Self.basic(number, reader)
            default: nil as IncomingMethod?
            }
        self = method ?? .unknown(classID: UInt16(number >> 16), methodID: UInt16(truncatingIfNeeded: number))
    }

    private static func withoutArguments(_ number: UInt32) -> IncomingMethod? {
        switch number {
        case AMQP_CONNECTION_CLOSE_OK_METHOD: .connectionCloseOk
        case AMQP_CONNECTION_UNBLOCKED_METHOD: .connectionUnblocked
        case AMQP_CHANNEL_OPEN_OK_METHOD: .channelOpenOk
        case AMQP_CHANNEL_CLOSE_OK_METHOD: .channelCloseOk
        case AMQP_EXCHANGE_DECLARE_OK_METHOD: .exchangeDeclareOk
        case AMQP_EXCHANGE_DELETE_OK_METHOD: .exchangeDeleteOk
        case AMQP_QUEUE_BIND_OK_METHOD: .queueBindOk
        case AMQP_QUEUE_UNBIND_OK_METHOD: .queueUnbindOk
        case AMQP_BASIC_QOS_OK_METHOD: .basicQosOk
        case AMQP_BASIC_GET_EMPTY_METHOD: .basicGetEmpty
        case AMQP_CONFIRM_SELECT_OK_METHOD: .confirmSelectOk
        default: nil
        }
    }

    private static func connectionOrChannel(
        _ number: UInt32, _ reader: ArgumentReader
    ) throws(AMQPError) -> IncomingMethod? {
        switch number {
        case AMQP_CONNECTION_CLOSE_METHOD:
            let method = try unsafe reader.read(amqp_connection_close_t.self)
            return unsafe .connectionClose(
                replyCode: method.reply_code, replyText: String(repairing: method.reply_text), classID: method.class_id,
                methodID: method.method_id)
        case AMQP_CONNECTION_BLOCKED_METHOD:
            let method = try unsafe reader.read(amqp_connection_blocked_t.self)
            return unsafe .connectionBlocked(reason: String(repairing: method.reason))
        case AMQP_CHANNEL_FLOW_METHOD:
            return try .channelFlow(active: reader.read(amqp_channel_flow_t.self).active != 0)
        case AMQP_CHANNEL_CLOSE_METHOD:
            let method = try unsafe reader.read(amqp_channel_close_t.self)
            return unsafe .channelClose(
                replyCode: method.reply_code, replyText: String(repairing: method.reply_text), classID: method.class_id,
                methodID: method.method_id)
        default: return nil
        }
    }

    private static func queue(_ number: UInt32, _ reader: ArgumentReader) throws(AMQPError) -> IncomingMethod? {
        switch number {
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            let method = try unsafe reader.read(amqp_queue_declare_ok_t.self)
            return unsafe .queueDeclareOk(
                queue: String(repairing: method.queue), messageCount: method.message_count,
                consumerCount: method.consumer_count)
        case AMQP_QUEUE_PURGE_OK_METHOD:
            return try .queuePurgeOk(messageCount: reader.read(amqp_queue_purge_ok_t.self).message_count)
        case AMQP_QUEUE_DELETE_OK_METHOD:
            return try .queueDeleteOk(messageCount: reader.read(amqp_queue_delete_ok_t.self).message_count)
        default: return nil
        }
    }

    private static func basic(_ number: UInt32, _ reader: ArgumentReader) throws(AMQPError) -> IncomingMethod? {
        switch number {
        case AMQP_BASIC_DELIVER_METHOD:
            let method = try unsafe reader.read(amqp_basic_deliver_t.self)
            return unsafe .basicDeliver(
                consumerTag: String(repairing: method.consumer_tag), deliveryTag: method.delivery_tag,
                redelivered: method.redelivered != 0, exchange: String(repairing: method.exchange),
                routingKey: String(repairing: method.routing_key))
        case AMQP_BASIC_ACK_METHOD:
            let method = try reader.read(amqp_basic_ack_t.self)
            return .basicAck(deliveryTag: method.delivery_tag, multiple: method.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let method = try reader.read(amqp_basic_nack_t.self)
            return .basicNack(deliveryTag: method.delivery_tag, multiple: method.multiple != 0)
        case AMQP_BASIC_RETURN_METHOD:
            let method = try unsafe reader.read(amqp_basic_return_t.self)
            return unsafe .basicReturn(
                replyCode: method.reply_code, replyText: String(repairing: method.reply_text),
                exchange: String(repairing: method.exchange), routingKey: String(repairing: method.routing_key))
        case AMQP_BASIC_GET_OK_METHOD:
            let method = try unsafe reader.read(amqp_basic_get_ok_t.self)
            return unsafe .basicGetOk(
                deliveryTag: method.delivery_tag, redelivered: method.redelivered != 0,
                exchange: String(repairing: method.exchange), routingKey: String(repairing: method.routing_key),
                messageCount: method.message_count)
        case AMQP_BASIC_CONSUME_OK_METHOD:
            let method = try unsafe reader.read(amqp_basic_consume_ok_t.self)
            return unsafe .basicConsumeOk(consumerTag: String(repairing: method.consumer_tag))
        case AMQP_BASIC_CANCEL_METHOD:
            let method = try unsafe reader.read(amqp_basic_cancel_t.self)
            return unsafe .basicCancel(consumerTag: String(repairing: method.consumer_tag), noWait: method.nowait != 0)
        case AMQP_BASIC_CANCEL_OK_METHOD:
            let method = try unsafe reader.read(amqp_basic_cancel_ok_t.self)
            return unsafe .basicCancelOk(consumerTag: String(repairing: method.consumer_tag))
        default: return nil
        }
    }
}

/// Runs the C decoder for one method. What it gives points into the payload and the pool.
@safe
private struct ArgumentReader {
    private let number: UInt32
    private let payload: UnsafeRawBufferPointer
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init(number: UInt32, payload: UnsafeRawBufferPointer, pool: UnsafeMutablePointer<amqp_pool_t>) {
        self.number = number
        unsafe self.payload = payload
        unsafe self.pool = pool
    }

    func read<Method>(_ type: Method.Type) throws(AMQPError) -> Method {
        let arguments = unsafe UnsafeRawBufferPointer(rebasing: payload[4...])
        var decoded: UnsafeMutableRawPointer?
        let status = unsafe amqp_decode_method(number, pool, amqp_bytes_t(viewing: arguments), &decoded)
        guard status == 0, let decoded = unsafe decoded else {
            let name = MethodName.text(classID: UInt16(number >> 16), methodID: UInt16(truncatingIfNeeded: number))
            throw AMQPError(.protocolViolation, "the peer sent a \(name ?? "method") that cannot be decoded")
        }
        return unsafe decoded.assumingMemoryBound(to: type).pointee
    }
}
