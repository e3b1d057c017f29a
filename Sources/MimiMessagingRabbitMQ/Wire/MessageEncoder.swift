import MimiMessaging
import RabbitMQClient

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Puts messages of this layer into AMQP's terms.
///
/// What is sent often is not inlined: in a function that suspends, all that is needed on the way to the result would stay in the
/// frame until the message is confirmed.
enum MessageEncoder {
    /// Where a reply is expected, and how long.
    struct ReplyExpectation {
        let address: String
        let correlationID: String
        let milliseconds: Int64
    }

    /// A command or an event.
    @inline(never)
    static func message(_ message: OutgoingMessage) -> AMQPMessage {
        AMQPMessage(properties: properties(of: message), body: message.body)
    }

    /// A query. It is not kept over a restart of the broker, and expires with its asker's patience.
    @inline(never)
    static func query(_ message: OutgoingMessage, _ expectation: ReplyExpectation) -> AMQPMessage {
        var properties = properties(of: message)
        properties.deliveryMode = 1
        properties.replyTo = expectation.address
        properties.correlationID = expectation.correlationID
        properties.expiration = String(min(expectation.milliseconds, longestExpiration))
        var headers = properties.headers ?? [:]
        headers.append(WireHeader.requestID, .string(expectation.correlationID))
        headers.append(WireHeader.timeout, .int64(expectation.milliseconds))
        properties.headers = headers
        return AMQPMessage(properties: properties, body: message.body)
    }

    /// The reply to a query.
    @inline(never)
    static func reply(_ message: OutgoingMessage, correlationID: String) -> AMQPMessage {
        var properties = properties(of: message)
        properties.deliveryMode = 1
        properties.correlationID = correlationID
        var headers = properties.headers ?? [:]
        headers.append(WireHeader.requestID, .string(correlationID))
        if let failure = message.failure {
            headers.append(WireHeader.errorCode, .string(failure.code))
            headers.append(WireHeader.errorMessage, .string(failure.message))
        }
        properties.headers = headers
        return AMQPMessage(properties: properties, body: message.body)
    }

    /// A copy for the retry ladder: the same message with the next attempt number.
    /// - Parameter patience: What its asker has left when it is delivered again; nil if nobody waits for an answer.
    static func retry(
        _ original: AMQPMessage, attempt: Int, patience: Duration?, failure: FailureRecord?
    ) -> AMQPMessage {
        var copy = copy(of: original)
        copy.headers[WireHeader.attempt] = .int64(Int64(attempt))
        if let patience { copy.headers[WireHeader.timeout] = .int64(max(1, patience.wholeMilliseconds)) }
        if failure != nil, copy.headers[WireHeader.firstFailedAt] == nil {
            copy.headers[WireHeader.firstFailedAt] = .int64(Int64(now))
        }
        return copy.message
    }

    /// A copy for the dead letters: the same message with the reason.
    static func deadLetter(
        _ original: AMQPMessage, queue: String, attempt: Int, failure: FailureRecord
    ) -> AMQPMessage {
        var copy = copy(of: original)
        let first = copy.headers[WireHeader.firstFailedAt] ?? .int64(Int64(now))
        copy.headers[WireHeader.errorCode] = .string(failure.code)
        copy.headers[WireHeader.errorMessage] = .string(failure.message)
        copy.headers[WireHeader.attempt] = .int64(Int64(attempt))
        copy.headers[WireHeader.firstFailedAt] = first
        copy.headers[WireHeader.lastFailedAt] = .int64(Int64(now))
        copy.headers[WireHeader.origin] = .string(queue)
        return copy.message
    }

    /// A copy of a dead letter for its queue: as it was sent first, so that all its attempts are before it.
    static func replay(_ deadLetter: AMQPMessage) -> AMQPMessage {
        var copy = copy(of: deadLetter)
        for name in WireHeader.failure { copy.headers[name] = nil }
        return copy.message
    }

    @inline(never)
    private static func properties(of message: OutgoingMessage) -> AMQPProperties {
        var headers = AMQPFieldTable()
        switch message.kind {
        case .command, .query: headers.append(WireHeader.method, .string(message.method))
        case .event: headers.append(WireHeader.eventType, .string(message.method))
        case .reply: break
        }
        for (name, value) in message.headers { headers.append(name, .string(value)) }
        return AMQPProperties(
            contentType: message.contentType, headers: headers, deliveryMode: 2, messageID: message.id, timestamp: now,
            type: message.kind.rawValue, appID: message.appID)
    }

    /// A message of which a copy is sent.
    private struct Copy {
        var properties: AMQPProperties
        var headers: AMQPFieldTable
        let body: [UInt8]

        var message: AMQPMessage {
            var properties = properties
            properties.headers = headers
            return AMQPMessage(properties: properties, body: body)
        }
    }

    private static func copy(of original: AMQPMessage) -> Copy {
        // What the broker noted about the original does not hold for the copy, and would count against it.
        let headers = (original.properties.headers ?? [:]).filter { !WireHeader.isBrokers($0.name) }
        var properties = original.properties
        // Only the broker may say who sent it, and it would refuse a copy that says somebody else.
        properties.userID = nil
        properties.expiration = nil
        properties.deliveryMode = 2
        return Copy(properties: properties, headers: AMQPFieldTable(headers), body: original.body)
    }

    /// The broker refuses a message with more, and closes its channel: 49 days.
    private static let longestExpiration = Int64(UInt32.max)

    /// Seconds since 1970.
    private static var now: UInt64 { UInt64(max(0, time(nil))) }
}
