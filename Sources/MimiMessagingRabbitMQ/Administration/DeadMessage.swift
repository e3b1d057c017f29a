package import MimiMessaging
import RabbitMQClient

/// A message that was given up, with the reason.
package struct DeadMessage: Sendable {
    /// What it was.
    package let kind: MessageKind
    /// Its identity, if its sender gave one.
    package let id: String?
    /// The method or the type of the event, if its sender gave one.
    package let method: String?
    /// The kind of failure: a code of a processor or of this layer, or the broker's reason (`delivery_limit`, `rejected`, …).
    package let errorCode: String
    /// The failure in words.
    package let errorMessage: String
    /// How often it was tried.
    package let attempts: Int
    /// When it failed first, in seconds since 1970, if that was noted.
    package let firstFailedAt: Int?
    /// When it failed last, in seconds since 1970, if that was noted.
    package let lastFailedAt: Int?
    /// When it was sent, in seconds since 1970, if its sender said.
    package let sentAt: Int?
    /// The name of the service that sent it, if that gave one.
    package let appID: String?
    /// What its sender put beside the body.
    package let headers: MessageHeaders
    /// The media type of the body, if its sender gave one.
    package let contentType: String?
    /// The body, untouched.
    package let body: [UInt8]
    /// The message; nil if it is over a limit of the client, and cannot be read.
    let original: AMQPMessage?

    init(_ delivery: AMQPDelivery, decoder: MessageDecoder) {
        let original: AMQPMessage? = if case .message(let message) = delivery.content { message } else { nil }
        let properties = original?.properties
        let isEvent = properties?.type == MessageKind.event.rawValue
        let message = decoder.request(delivery, isTopic: isEvent, arrival: decoder.clock.now)
        let noted = properties?.headers ?? [:]
        self.original = original
        kind = message.kind
        id = message.id
        method = message.method
        attempts = message.attempt
        firstFailedAt = noted[WireHeader.firstFailedAt]?.integer.flatMap(Int.init(exactly:))
        lastFailedAt = noted[WireHeader.lastFailedAt]?.integer.flatMap(Int.init(exactly:))
        sentAt = message.sentAt
        appID = message.appID
        headers = message.headers
        contentType = message.contentType
        body = message.body
        if let code = noted[WireHeader.errorCode]?.text {
            errorCode = code
            errorMessage = noted[WireHeader.errorMessage]?.text ?? ""
        } else if let reason = noted["x-first-death-reason"]?.text {
            errorCode = reason
            errorMessage = "the broker took it out of '\(noted["x-first-death-queue"]?.text ?? "its queue")'"
        } else {
            errorCode = "unknown"
            errorMessage = message.defect ?? "nothing is noted"
        }
    }
}
