internal import CRabbitMQ

extension OutgoingMethod {
    /// Writes method number and arguments into `space` and says how many bytes they took (`amqp_encode_method`).
    ///
    /// - Throws: ``AMQPError/Kind/invalidMessage`` when a name or a table cannot be encoded or does not fit.
    func encode(into space: UnsafeMutableRawBufferPointer, pool: borrowing MemoryPool) throws(AMQPError) -> Int {
        switch self {
        case .connectionClose(let replyCode, let replyText):
            var method = try unsafe amqp_connection_close_t(
                reply_code: replyCode, reply_text: pool.shortString(replyText, "reply text"), class_id: 0, method_id: 0)
            return try unsafe write(AMQP_CONNECTION_CLOSE_METHOD, &method, into: space)
        case .connectionCloseOk:
            var method = amqp_connection_close_ok_t()
            return try unsafe write(AMQP_CONNECTION_CLOSE_OK_METHOD, &method, into: space)
        case .channelOpen:
            var method = unsafe amqp_channel_open_t()
            return try unsafe write(AMQP_CHANNEL_OPEN_METHOD, &method, into: space)
        case .channelClose(let replyCode, let replyText):
            var method = try unsafe amqp_channel_close_t(
                reply_code: replyCode, reply_text: pool.shortString(replyText, "reply text"), class_id: 0, method_id: 0)
            return try unsafe write(AMQP_CHANNEL_CLOSE_METHOD, &method, into: space)
        case .channelCloseOk:
            var method = amqp_channel_close_ok_t()
            return try unsafe write(AMQP_CHANNEL_CLOSE_OK_METHOD, &method, into: space)
        case .channelFlowOk(let active):
            var method = amqp_channel_flow_ok_t(active: active ? 1 : 0)
            return try unsafe write(AMQP_CHANNEL_FLOW_OK_METHOD, &method, into: space)
        case .exchangeDeclare, .exchangeDelete:
            return try unsafe encodeExchange(into: space, pool: pool)
        case .queueDeclare, .queueBind, .queueUnbind, .queuePurge, .queueDelete:
            return try unsafe encodeQueue(into: space, pool: pool)
        case .basicQos, .basicConsume, .basicCancel, .basicGet, .basicAck, .basicNack, .basicReject:
            return try unsafe encodeBasic(into: space, pool: pool)
        case .confirmSelect:
            var method = amqp_confirm_select_t(nowait: 0)
            return try unsafe write(AMQP_CONFIRM_SELECT_METHOD, &method, into: space)
        }
    }
}

extension OutgoingMethod {
    private func encodeExchange(
        into space: UnsafeMutableRawBufferPointer, pool: borrowing MemoryPool
    ) throws(AMQPError) -> Int {
        switch self {
        case .exchangeDeclare(
            let name, let type, let passive, let durable, let autoDelete, let isInternal, let arguments):
            var method = try unsafe amqp_exchange_declare_t(
                ticket: 0, exchange: pool.shortString(name, "exchange name"),
                type: pool.shortString(type, "exchange type"), passive: flag(passive), durable: flag(durable),
                auto_delete: flag(autoDelete), internal: flag(isInternal), nowait: 0, arguments: pool.table(arguments))
            return try unsafe write(AMQP_EXCHANGE_DECLARE_METHOD, &method, into: space)
        case .exchangeDelete(let name, let ifUnused):
            var method = try unsafe amqp_exchange_delete_t(
                ticket: 0, exchange: pool.shortString(name, "exchange name"), if_unused: flag(ifUnused), nowait: 0)
            return try unsafe write(AMQP_EXCHANGE_DELETE_METHOD, &method, into: space)
        default:
            throw notOfThisClass
        }
    }

    private func encodeQueue(
        into space: UnsafeMutableRawBufferPointer, pool: borrowing MemoryPool
    ) throws(AMQPError) -> Int {
        switch self {
        case .queueDeclare(let name, let passive, let durable, let exclusive, let autoDelete, let arguments):
            var method = try unsafe amqp_queue_declare_t(
                ticket: 0, queue: pool.shortString(name, "queue name"), passive: flag(passive), durable: flag(durable),
                exclusive: flag(exclusive), auto_delete: flag(autoDelete), nowait: 0, arguments: pool.table(arguments))
            return try unsafe write(AMQP_QUEUE_DECLARE_METHOD, &method, into: space)
        case .queueBind(let queue, let exchange, let routingKey, let arguments):
            var method = try unsafe amqp_queue_bind_t(
                ticket: 0, queue: pool.shortString(queue, "queue name"),
                exchange: pool.shortString(exchange, "exchange name"),
                routing_key: pool.shortString(routingKey, "routing key"), nowait: 0, arguments: pool.table(arguments))
            return try unsafe write(AMQP_QUEUE_BIND_METHOD, &method, into: space)
        case .queueUnbind(let queue, let exchange, let routingKey, let arguments):
            var method = try unsafe amqp_queue_unbind_t(
                ticket: 0, queue: pool.shortString(queue, "queue name"),
                exchange: pool.shortString(exchange, "exchange name"),
                routing_key: pool.shortString(routingKey, "routing key"), arguments: pool.table(arguments))
            return try unsafe write(AMQP_QUEUE_UNBIND_METHOD, &method, into: space)
        case .queuePurge(let queue):
            var method = try unsafe amqp_queue_purge_t(
                ticket: 0, queue: pool.shortString(queue, "queue name"), nowait: 0)
            return try unsafe write(AMQP_QUEUE_PURGE_METHOD, &method, into: space)
        case .queueDelete(let queue, let ifUnused, let ifEmpty):
            var method = try unsafe amqp_queue_delete_t(
                ticket: 0, queue: pool.shortString(queue, "queue name"), if_unused: flag(ifUnused),
                if_empty: flag(ifEmpty), nowait: 0)
            return try unsafe write(AMQP_QUEUE_DELETE_METHOD, &method, into: space)
        default:
            throw notOfThisClass
        }
    }

    private func encodeBasic(
        into space: UnsafeMutableRawBufferPointer, pool: borrowing MemoryPool
    ) throws(AMQPError) -> Int {
        switch self {
        case .basicQos(let prefetchCount, let global):
            var method = amqp_basic_qos_t(prefetch_size: 0, prefetch_count: prefetchCount, global: flag(global))
            return try unsafe write(AMQP_BASIC_QOS_METHOD, &method, into: space)
        case .basicConsume(let queue, let consumerTag, let noAck, let exclusive, let arguments):
            var method = try unsafe amqp_basic_consume_t(
                ticket: 0, queue: pool.shortString(queue, "queue name"),
                consumer_tag: pool.shortString(consumerTag, "consumer tag"), no_local: 0, no_ack: flag(noAck),
                exclusive: flag(exclusive), nowait: 0, arguments: pool.table(arguments))
            return try unsafe write(AMQP_BASIC_CONSUME_METHOD, &method, into: space)
        case .basicCancel(let consumerTag):
            var method = try unsafe amqp_basic_cancel_t(
                consumer_tag: pool.shortString(consumerTag, "consumer tag"), nowait: 0)
            return try unsafe write(AMQP_BASIC_CANCEL_METHOD, &method, into: space)
        case .basicGet(let queue, let noAck):
            var method = try unsafe amqp_basic_get_t(
                ticket: 0, queue: pool.shortString(queue, "queue name"), no_ack: flag(noAck))
            return try unsafe write(AMQP_BASIC_GET_METHOD, &method, into: space)
        case .basicAck(let deliveryTag, let multiple):
            var method = amqp_basic_ack_t(delivery_tag: deliveryTag, multiple: flag(multiple))
            return try unsafe write(AMQP_BASIC_ACK_METHOD, &method, into: space)
        case .basicNack(let deliveryTag, let multiple, let requeue):
            var method = amqp_basic_nack_t(
                delivery_tag: deliveryTag, multiple: flag(multiple), requeue: flag(requeue))
            return try unsafe write(AMQP_BASIC_NACK_METHOD, &method, into: space)
        case .basicReject(let deliveryTag, let requeue):
            var method = amqp_basic_reject_t(delivery_tag: deliveryTag, requeue: flag(requeue))
            return try unsafe write(AMQP_BASIC_REJECT_METHOD, &method, into: space)
        default:
            throw notOfThisClass
        }
    }

    private var notOfThisClass: AMQPError { AMQPError(.internalError, "a method of another class: \(self)") }
}

/// An AMQP bit as the library's structures hold it.
func flag(_ value: Bool) -> amqp_boolean_t { value ? 1 : 0 }

/// Writes a method number and its structure; gives the number of bytes written.
///
/// - Throws: ``AMQPError/Kind/invalidMessage`` when it does not fit into `space` or cannot be encoded.
func write<Method: BitwiseCopyable>(
    _ number: UInt32, _ method: inout Method, into space: UnsafeMutableRawBufferPointer
) throws(AMQPError) -> Int {
    try unsafe withUnsafeMutablePointer(to: &method) { method throws(AMQPError) in
        try unsafe writeMethod(number, method, into: space)
    }
}

/// As above, for a structure somewhere else in memory (`amqp_encode_method`).
func writeMethod(
    _ number: UInt32, _ method: UnsafeMutableRawPointer?, into space: UnsafeMutableRawBufferPointer
) throws(AMQPError) -> Int {
    guard space.count >= 4 else { throw AMQPError(.internalError, "no room for a method number") }
    unsafe space.storeBytes(of: number.bigEndian, as: UInt32.self)
    let arguments = unsafe UnsafeRawBufferPointer(rebasing: space[4...])
    let result = unsafe amqp_encode_method(number, method, amqp_bytes_t(viewing: arguments))
    guard result >= 0 else {
        let name = MethodName.text(classID: UInt16(number >> 16), methodID: UInt16(truncatingIfNeeded: number))
        throw AMQPError.encodingFailed(result, what: name ?? "method", room: space.count)
    }
    return 4 + Int(result)
}

extension AMQPError {
    /// What a negative result of an encoder means to the caller: the input is at fault, the connection is not.
    static func encodingFailed(_ status: Int32, what: String, room: Int) -> AMQPError {
        switch amqp_status_enum(rawValue: status) {
        case AMQP_STATUS_BAD_AMQP_DATA, AMQP_STATUS_TABLE_TOO_BIG, AMQP_STATUS_INVALID_PARAMETER:
            AMQPError(.invalidMessage, "\(what) does not fit into one frame of \(room) bytes")
        default:
            AMQPError(
                .internalError, "\(what) could not be encoded: \(unsafe String(cString: amqp_error_string2(status)))")
        }
    }
}
