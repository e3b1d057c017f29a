import MimiMessaging
import RabbitMQClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A message with all that it has on the wire, as it is kept in a file: a JSON object that a person can read and change.
package struct ArchivedMessage: Codable, Sendable {
    private var contentType: String?
    private var contentEncoding: String?
    private var headers: [ArchivedHeader]?
    private var deliveryMode: UInt8?
    private var priority: UInt8?
    private var correlationID: String?
    private var replyTo: String?
    private var expiration: String?
    private var messageID: String?
    private var timestamp: UInt64?
    private var type: String?
    private var appID: String?
    /// The body, if it is text.
    private var body: String?
    /// The body in Base64, if it is not.
    private var bodyBase64: String?

    private enum CodingKeys: String, CodingKey {
        case contentType = "content_type"
        case contentEncoding = "content_encoding"
        case headers
        case deliveryMode = "delivery_mode"
        case priority
        case correlationID = "correlation_id"
        case replyTo = "reply_to"
        case expiration
        case messageID = "message_id"
        case timestamp
        case type
        case appID = "app_id"
        case body
        case bodyBase64 = "body_base64"
    }

    init(_ message: AMQPMessage) {
        let properties = message.properties
        contentType = properties.contentType
        contentEncoding = properties.contentEncoding
        headers = properties.headers?.map(ArchivedHeader.init)
        deliveryMode = properties.deliveryMode
        priority = properties.priority
        correlationID = properties.correlationID
        replyTo = properties.replyTo
        expiration = properties.expiration
        messageID = properties.messageID
        timestamp = properties.timestamp
        type = properties.type
        appID = properties.appID
        if let text = String(validating: message.body, as: UTF8.self) {
            body = text
        } else {
            bodyBase64 = Data(message.body).base64EncodedString()
        }
    }

    /// - Throws: ``MessagingError/Code/serialization`` if the body is not Base64 where it should be, or is there twice.
    func message() throws(MessagingError) -> AMQPMessage {
        let bytes: [UInt8]
        switch (body, bodyBase64) {
        case (let text, nil): bytes = Array((text ?? "").utf8)
        case (nil, let text?):
            guard let data = Data(base64Encoded: text) else {
                throw MessagingError(.serialization, "'body_base64' is not Base64")
            }
            bytes = Array(data)
        case (_?, _?): throw MessagingError(.serialization, "it has both 'body' and 'body_base64'")
        }
        return AMQPMessage(
            properties: AMQPProperties(
                contentType: contentType, contentEncoding: contentEncoding,
                headers: headers.map { AMQPFieldTable($0.map(\.entry)) }, deliveryMode: deliveryMode,
                priority: priority, correlationID: correlationID, replyTo: replyTo, expiration: expiration,
                messageID: messageID, timestamp: timestamp, type: type, appID: appID),
            body: bytes)
    }
}

extension DeadMessage {
    /// What is kept in a file; nil if the message cannot be read.
    package var archived: ArchivedMessage? { original.map(ArchivedMessage.init) }
}

extension BrokerAdministration {
    /// Puts messages among the dead letters of a queue, one after the other, each confirmed before the next.
    /// - Parameters:
    ///   - queue: The queue whose dead letters they become.
    ///   - next: The next message; nil after the last.
    /// - Returns: how many.
    /// - Throws: ``MessagingError`` with `unroutable` if the queue has no queue for dead letters; what `next` throws.
    package func addDeadLetters(
        to queue: String, next: () async throws -> ArchivedMessage?
    ) async throws -> Int {
        let topology = try topology(of: queue)
        var count = 0
        do {
            try await onChannel { channel in
                try await channel.selectConfirms()
                while let archived = try await next() {
                    try await channel.publish(
                        archived.message(), exchange: "", routingKey: topology.deadLetterQueue, mandatory: true)
                    count += 1
                }
            }
        } catch {
            throw Self.outward(error)
        }
        return count
    }
}
