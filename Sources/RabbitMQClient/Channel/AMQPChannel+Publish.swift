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

    /// Publishes as ``publish(_:exchange:routingKey:mandatory:timeout:)`` does, and returns at once.
    ///
    /// - Parameter completion: Called once with the outcome: on the connection's thread, or on one that leaves something
    ///   for that. It must not block, and not wait for what the caller holds.
    /// - Returns: A way to give it up.
    package func publish(
        _ message: AMQPMessage, exchange: String, routingKey: String, mandatory: Bool = false,
        timeout: Duration? = nil, completion: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) -> AMQPPublish {
        let request = PublishRequest(
            message: message, exchange: exchange, routingKey: routingKey, mandatory: mandatory, awaitsConfirm: true,
            timeout: timeout)
        if let refusal = refusal(of: message) {
            completion(.failure(refusal))
        } else if let end = connection.mailbox.submit(.publish(id, request, .callback(completion))) {
            completion(.failure(end))
        }
        return AMQPPublish(channel: self, request: request)
    }

    /// Publishes many messages to one place as ``publish(_:exchange:routingKey:mandatory:timeout:)`` does each, and
    /// waits once for all of them.
    ///
    /// - Returns: The outcome of each, in its place.
    package func publish(
        batch messages: [AMQPMessage], exchange: String, routingKey: String, mandatory: Bool = false,
        timeout: Duration? = nil
    ) async -> [Result<Void, any Error>] {
        guard !messages.isEmpty else { return [] }
        let batch = PublishBatch(count: messages.count)
        var publishes: [Command] = []
        for (index, message) in messages.enumerated() {
            if let refusal = refusal(of: message) {
                batch.end(index, with: .failure(refusal))
                continue
            }
            let request = PublishRequest(
                message: message, exchange: exchange, routingKey: routingKey, mandatory: mandatory,
                awaitsConfirm: true, timeout: timeout)
            publishes.append(.publish(id, request, .callback { batch.end(index, with: $0) }))
        }
        return await withTaskCancellationHandler { [publishes] in
            if let end = connection.mailbox.submit(publishes) {
                for case .publish(_, _, let waiter) in publishes { waiter.resume(with: .failure(end)) }
            }
            return await batch.outcomes()
        } onCancel: { [publishes] in
            var cancellations: [Command] = []
            for case .publish(_, let request, _) in publishes { cancellations.append(.cancelPublish(id, request)) }
            _ = connection.mailbox.submit(cancellations)
        }
    }

    private func send(_ request: PublishRequest) async throws {
        if let refusal = refusal(of: request.message) { throw refusal }
        try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation { waiter in
                if let end = connection.mailbox.submit(.publish(id, request, unsafe .task(waiter))) {
                    unsafe waiter.resume(throwing: end)
                }
            }
        } onCancel: {
            _ = connection.mailbox.submit(.cancelPublish(id, request))
        }
    }

    /// Why a message is not even handed to the connection.
    private func refusal(of message: AMQPMessage) -> AMQPError? {
        let (size, limit) = (message.body.count, connection.maximumBodySize)
        guard size > limit else { return nil }
        return AMQPError(.messageTooLarge, "the body is \(size) bytes long, at most \(limit) are sent")
    }
}
