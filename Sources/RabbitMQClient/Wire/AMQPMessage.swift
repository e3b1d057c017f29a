/// A message: its properties and its body.
///
/// An object, since it goes through many hands, and each would copy two dozen fields.
package final class AMQPMessage: Sendable {
    /// The properties that travel in the content header.
    package let properties: AMQPProperties
    /// The body, untouched.
    package let body: [UInt8]

    package init(properties: AMQPProperties = AMQPProperties(), body: [UInt8]) {
        self.properties = properties
        self.body = body
    }
}

extension AMQPMessage: Hashable {
    package static func == (left: AMQPMessage, right: AMQPMessage) -> Bool {
        left.properties == right.properties && left.body == right.body
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(properties)
        hasher.combine(body)
    }
}
