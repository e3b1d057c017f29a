/// What went wrong on an AMQP connection, a channel or with one message.
///
/// `text` and `replyText` are safe to log: they hold no user, no password, no URL with one, and no control characters.
package struct AMQPError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure a caller can tell apart.
    package enum Kind: Sendable, Equatable {
        /// No connection: name not found, refused, unreachable or too slow. The text says which, with host and port.
        case connectFailed
        /// One side refuses the other's certificate or version of TLS, or one of our own files cannot be used. A
        /// handshake that is cut is none of that: ``connectionLost``.
        case tls
        /// The broker refused the login (403) or does not offer the mechanism.
        case authentication
        /// The virtual host does not exist or may not be used (530 in `connection.open`).
        case virtualHost
        /// A bad frame, a peer that does not speak AMQP 0-9-1, an unexpected method.
        case protocolViolation
        /// The peer ended the stream or the network did.
        case connectionLost
        /// Nothing came from the peer for two heartbeat intervals.
        case heartbeatLost
        /// `connection.close` from the peer; reply code and text are set.
        case closedByBroker
        /// `channel.close` from the peer; reply code and text are set.
        case channelClosed
        /// `basic.return`: no queue took the message (312) or none had a consumer (313).
        case unroutable
        /// `basic.nack` from the broker: it did not take responsibility for the message.
        case nacked
        /// The deadline of a method or of a publish passed.
        case timeout
        /// The message or name cannot be encoded; nothing was sent.
        case invalidMessage
        /// The body is over our own limit; nothing was sent.
        case messageTooLarge
        /// We closed the connection or the channel ourselves.
        case closed
        /// The C library or the operating system failed in a way that is nobody's fault outside.
        case internalError
    }

    /// What kind of failure this is.
    package var kind: Kind
    /// What happened, for people.
    package var text: String
    /// The AMQP reply code, when the peer gave one.
    package var replyCode: UInt16?
    /// The peer's own words, control characters escaped and without the name of the user.
    package var replyText: String?
    /// The method the peer complained about, for instance `queue.declare`.
    package var method: String?
    /// For publishes: the outcome is unknown rather than failed.
    package var mayHaveReachedBroker: Bool

    /// Makes an error; texts from a peer are passed through ``printable(_:)`` by the caller.
    package init(
        _ kind: Kind, _ text: String, replyCode: UInt16? = nil, replyText: String? = nil, method: String? = nil,
        mayHaveReachedBroker: Bool = false
    ) {
        self.kind = kind
        self.text = text
        self.replyCode = replyCode
        self.replyText = replyText
        self.method = method
        self.mayHaveReachedBroker = mayHaveReachedBroker
    }

    /// An error for a peer's reply code and text (`connection.close`, `channel.close`, `basic.return`).
    ///
    /// - Parameters:
    ///   - classID: The class the peer named, 0 when none.
    ///   - methodID: The method the peer named, 0 when none.
    package init(_ kind: Kind, replyCode: UInt16, replyText: String, classID: UInt16 = 0, methodID: UInt16 = 0) {
        let words = AMQPError.printable(AMQPError.withoutUser(replyText))
        let method = MethodName.text(classID: classID, methodID: methodID)
        self.init(
            kind, "\(replyCode) \(words)" + (method.map { " (\($0))" } ?? ""), replyCode: replyCode, replyText: words,
            method: method)
    }

    package var description: String { "\(kind): \(text)" }

    /// The peer's words without the user that they name: RabbitMQ says "refused for user 'name'". A name may hold quotes of
    /// its own, so all goes up to the last one.
    private static func withoutUser(_ text: String) -> String {
        guard let start = text.firstRange(of: "user '")?.upperBound, let end = text.lastIndex(of: "'"), start <= end
        else { return text }
        return text[..<start] + "***" + text[end...]
    }

    /// The string with its control characters escaped, cut to `limit` characters: a peer cannot forge log lines with it.
    package static func printable(_ text: String, limit: Int = 512) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                result += scalar.escaped(asASCII: true)
            default:
                result.unicodeScalars.append(scalar)
            }
        }
        return text.unicodeScalars.count > limit ? result + "…" : result
    }
}
