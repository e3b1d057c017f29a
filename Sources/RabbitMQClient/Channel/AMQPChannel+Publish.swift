extension AMQPChannel {
    /// Puts the channel into confirm mode (`confirm.select`). Harmless when it is already.
    package func selectConfirms() async throws(AMQPError) {
        _ = try await call(.confirmSelect)
    }

    /// Publishes in confirm mode (`basic.publish`) and returns when the broker has taken the message over.
    ///
    /// Waits while the broker blocks the connection and while too many messages or bytes are outstanding.
    ///
    /// - Parameters:
    ///   - mandatory: whether a message that no queue takes is an error.
    ///   - timeout: how long to wait. Default: the connection's method timeout.
    /// - Throws: ``AMQPError`` with kind `unroutable`, `nacked`, `timeout`, `invalidMessage`, `messageTooLarge`, or why
    ///   channel or connection ended; `mayHaveReachedBroker` tells whether the broker may have it.
    ///   `CancellationError` when the task is cancelled; the broker may have the message then.
    package func publish(
        _ message: AMQPMessage, exchange: String, routingKey: String, mandatory: Bool = false,
        timeout: Duration? = nil
    ) async throws {
        try await send(
            PublishRequest(
                message: message, exchange: exchange, routingKey: routingKey, mandatory: mandatory, awaitsConfirm: true,
                timeout: timeout))
    }

    /// Publishes and returns when the message is in the out buffer. Whether the broker gets it, nobody says.
    ///
    /// Waits and throws as ``publish(_:exchange:routingKey:mandatory:timeout:)`` does, apart from what the broker
    /// answers.
    package func publishUnconfirmed(
        _ message: AMQPMessage, exchange: String, routingKey: String, timeout: Duration? = nil
    ) async throws {
        try await send(
            PublishRequest(
                message: message, exchange: exchange, routingKey: routingKey, mandatory: false, awaitsConfirm: false,
                timeout: timeout))
    }

    private func send(_ request: PublishRequest) async throws {
        let size = request.message.body.count
        guard size <= connection.maximumBodySize else {
            throw AMQPError(
                .messageTooLarge, "the body is \(size) bytes long, at most \(connection.maximumBodySize) are sent")
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                if let end = connection.mailbox.submit(.publish(id, request, waiter)) { waiter.resume(throwing: end) }
            }
        } onCancel: {
            _ = connection.mailbox.submit(.cancelPublish(id, request))
        }
    }
}
