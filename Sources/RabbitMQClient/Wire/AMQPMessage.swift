/// A message: its properties and its body.
package struct AMQPMessage: Sendable, Hashable {
    /// The properties that travel in the content header.
    package var properties: AMQPProperties
    /// The body, untouched.
    package var body: [UInt8]

    package init(properties: AMQPProperties = AMQPProperties(), body: [UInt8]) {
        self.properties = properties
        self.body = body
    }
}
