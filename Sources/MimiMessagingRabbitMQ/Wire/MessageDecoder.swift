import MimiMessaging
import RabbitMQClient

/// Reads what came over AMQP, from this layer or from a foreign sender.
struct MessageDecoder: Sendable {
    let clock: MessagingClock
    let replyQueuePrefix: String

    /// A message for a processor.
    /// - Parameters:
    ///   - isTopic: Whether it came to a processor of events.
    ///   - arrival: When it came: what its asker has left counts from there.
    func request(_ delivery: AMQPDelivery, isTopic: Bool, arrival: MessagingClock.Instant) -> IncomingMessage {
        guard case .message(let message) = delivery.content else {
            return refused(delivery, isTopic: isTopic)
        }
        var incoming = common(message, redelivered: delivery.redelivered)
        let properties = message.properties
        incoming.kind = kind(of: properties, isTopic: isTopic)
        incoming.method = key(isTopic ? WireHeader.eventType : WireHeader.method, in: properties)
        if incoming.kind == .query {
            if let milliseconds = number(WireHeader.timeout, in: properties)
                ?? properties.expiration.flatMap(Int64.init)
            {
                let patience = Duration.milliseconds(min(max(0, milliseconds), Self.longestPatience))
                incoming.deadline = arrival.advanced(by: patience)
            }
            if replyAddress(of: message) == nil {
                incoming.defect = "the query's reply address is none that may be answered to"
            }
        }
        return incoming
    }

    /// A reply to a query of ours; nil if it is no such thing.
    func reply(_ delivery: AMQPDelivery) -> (correlationID: String, message: IncomingMessage)? {
        guard case .message(let message) = delivery.content else { return nil }
        let correlation = message.properties.correlationID ?? key(WireHeader.requestID, in: message.properties)
        guard let correlation else { return nil }
        var incoming = common(message, redelivered: delivery.redelivered)
        incoming.kind = .reply
        if let code = text(WireHeader.errorCode, in: message.properties) {
            incoming.failure = FailureRecord(
                code: code, message: text(WireHeader.errorMessage, in: message.properties) ?? "the processor failed")
        }
        return (correlation, incoming)
    }

    /// Where a query is to be answered; nil if nowhere that is safe.
    func replyAddress(of message: AMQPMessage) -> String? {
        message.properties.replyTo.flatMap { ReplyAddress.isSafe($0, prefix: replyQueuePrefix) ? $0 : nil }
    }

    private static let longestPatience: Int64 = 366 * 24 * 3600 * 1000

    private func common(_ message: AMQPMessage, redelivered: Bool) -> IncomingMessage {
        let properties = message.properties
        return IncomingMessage(
            kind: .command, id: properties.messageID, headers: userHeaders(of: properties), body: message.body,
            contentType: properties.contentType, attempt: attempt(of: properties), isRedelivered: redelivered,
            sentAt: properties.timestamp.flatMap(Int.init(exactly:)), appID: properties.appID)
    }

    private func refused(_ delivery: AMQPDelivery, isTopic: Bool) -> IncomingMessage {
        guard case .bad(let reason) = delivery.content else {
            return IncomingMessage(kind: isTopic ? .event : .command)
        }
        return IncomingMessage(
            kind: isTopic ? .event : .command, isRedelivered: delivery.redelivered, defect: reason)
    }

    private func kind(of properties: AMQPProperties, isTopic: Bool) -> MessageKind {
        if properties.type == MessageKind.reply.rawValue { return .reply }
        if isTopic { return .event }
        if properties.type == MessageKind.command.rawValue { return .command }
        // A foreign sender that names a reply address wants an answer.
        return properties.type == MessageKind.query.rawValue || properties.replyTo != nil ? .query : .command
    }

    /// Anybody may have written it: it stays so small that the next one is a number, too.
    private func attempt(of properties: AMQPProperties) -> Int {
        Int(min(max(1, number(WireHeader.attempt, in: properties) ?? 1), Int64(Int32.max)))
    }

    private func userHeaders(of properties: AMQPProperties) -> MessageHeaders {
        var headers = MessageHeaders()
        for entry in properties.headers ?? [:]
        where !WireHeader.isReserved(entry.name) && !WireHeader.isBrokers(entry.name) {
            if let text = entry.value.text { headers[entry.name] = text }
        }
        return headers
    }

    private func text(_ name: String, in properties: AMQPProperties) -> String? {
        if case .string(let text) = properties.headers?[name], !text.isEmpty { text } else { nil }
    }

    /// Text that something is looked up by, no longer than a name may be: the time for comparing it would not end with its
    /// length if it consisted of accents.
    private func key(_ name: String, in properties: AMQPProperties) -> String? {
        text(name, in: properties).flatMap { $0.utf8.count <= 255 ? $0 : nil }
    }

    private func number(_ name: String, in properties: AMQPProperties) -> Int64? {
        properties.headers?[name]?.integer
    }
}

extension AMQPFieldValue {
    /// A plain value as text; nil for tables, arrays, bytes and nothing.
    var text: String? {
        switch self {
        case .string(let value): value
        case .bool(let value): String(value)
        case .float(let value): String(value)
        case .double(let value): String(value)
        case .timestamp(let value): String(value)
        case .uint64(let value): String(value)
        default: integer.map(String.init)
        }
    }

    /// Any whole number, or text that is one.
    var integer: Int64? {
        switch self {
        case .int8(let value): Int64(value)
        case .uint8(let value): Int64(value)
        case .int16(let value): Int64(value)
        case .uint16(let value): Int64(value)
        case .int32(let value): Int64(value)
        case .uint32(let value): Int64(value)
        case .int64(let value): value
        case .uint64(let value): Int64(exactly: value)
        case .string(let value): Int64(value)
        default: nil
        }
    }
}
