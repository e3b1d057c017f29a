/// The frame between a content method and its body frames.
package struct ContentHeader: Sendable {
    /// The properties, or why the message is refused.
    package enum Properties: Sendable, Equatable {
        /// Decoded and within the limits.
        case accepted(AMQPProperties)
        /// Over a limit or undecodable: a problem of this message alone. Its body still has to be drained.
        case refused(String)
    }

    /// How many body bytes follow. Whatever the peer says; nothing may be allocated on its word.
    package var bodySize: UInt64
    /// What the header says about the message.
    package var properties: Properties

    package init(bodySize: UInt64, properties: Properties) {
        self.bodySize = bodySize
        self.properties = properties
    }
}
