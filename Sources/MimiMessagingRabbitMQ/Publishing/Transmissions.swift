import MimiMessaging
import RabbitMQClient

/// What is known about a message that is sent until it is confirmed.
///
/// An earlier copy may have arrived although its confirm was lost with the link. That the next copy is refused, or is not
/// sent any more, then says nothing about the first one: the outcome is unknown.
struct Transmissions {
    private var mayHaveArrived = false

    /// The link broke while the message was under way.
    mutating func lost(_ error: AMQPError) { mayHaveArrived = mayHaveArrived || error.mayHaveReachedBroker }

    /// The error for the caller, when the last attempt ended with `error`.
    /// - Throws: `error`, if it is a cancellation: that is no failure of the message.
    func failure(_ error: any Error) throws(CancellationError) -> MessagingError {
        if let cancellation = error as? CancellationError { throw cancellation }
        let told = MessagingError(adapterError: error)
        // What the broker refuses for its own sake, it has refused each time.
        let isRefusedForItself = (error as? AMQPError)?.blamesAPublish == true
        guard mayHaveArrived, !isRefusedForItself, ![.timeout, .connection].contains(told.code) else { return told }
        return MessagingError(
            .connection, "the link broke before the message was confirmed, and then: \(told.message)", cause: told)
    }
}
