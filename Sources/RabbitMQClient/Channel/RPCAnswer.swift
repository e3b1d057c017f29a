/// What came back for a method.
enum RPCAnswer: Sendable {
    case method(IncomingMethod)
    /// `basic.get-ok` with its content.
    case delivery(AMQPDelivery)
}
