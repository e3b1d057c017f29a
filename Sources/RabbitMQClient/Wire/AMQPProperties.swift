/// The properties of a message (`amqp_basic_properties_t`). Absent ones are nil.
///
/// Strings are at most 255 bytes of UTF-8, as AMQP short strings are.
package struct AMQPProperties: Sendable, Hashable {
    /// MIME type of the body (`content_type`).
    package var contentType: String?
    /// MIME content encoding (`content_encoding`).
    package var contentEncoding: String?
    /// Application headers (`headers`).
    package var headers: AMQPFieldTable?
    /// 1 is transient, 2 is persistent (`delivery_mode`).
    package var deliveryMode: UInt8?
    /// 0 to 9, or up to what the queue allows (`priority`).
    package var priority: UInt8?
    /// Joins an answer to its question (`correlation_id`).
    package var correlationID: String?
    /// The queue that wants the answer (`reply_to`).
    package var replyTo: String?
    /// Time to live in milliseconds, as text (`expiration`).
    package var expiration: String?
    /// The message's own id (`message_id`).
    package var messageID: String?
    /// Seconds since 1970 (`timestamp`).
    package var timestamp: UInt64?
    /// What kind of message this is (`type`).
    package var type: String?
    /// The user who publishes; the broker checks it (`user_id`).
    package var userID: String?
    /// The application that publishes (`app_id`).
    package var appID: String?

    /// Properties with everything absent that is not named.
    package init(
        contentType: String? = nil, contentEncoding: String? = nil, headers: AMQPFieldTable? = nil,
        deliveryMode: UInt8? = nil, priority: UInt8? = nil, correlationID: String? = nil, replyTo: String? = nil,
        expiration: String? = nil, messageID: String? = nil, timestamp: UInt64? = nil, type: String? = nil,
        userID: String? = nil, appID: String? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.headers = headers
        self.deliveryMode = deliveryMode
        self.priority = priority
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.expiration = expiration
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.userID = userID
        self.appID = appID
    }
}
