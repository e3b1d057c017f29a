import Logging

extension MessageBus {
    /// Sends many commands to one queue and waits once for all of them: cheaper than a call for each.
    ///
    /// Middleware, metrics and traces see each message on its way out, and take handing it over for its outcome.
    /// - Parameters:
    ///   - target: The queue and the method that they are for.
    ///   - messages: The bodies, and headers. On RabbitMQ they arrive in this order unless the link breaks meanwhile.
    ///   - headers: What travels beside each body, with what the message has.
    ///   - timeout: How long all of it may take; nil for `mq_publish_timeout`.
    /// - Throws: ``BatchError`` if some messages failed, for the reasons that ``command(_:_:headers:timeout:)`` has;
    ///   ``MessagingError`` with `invalidTarget` or `notStarted` before anything is sent; `CancellationError` if the task
    ///   is cancelled.
    public func commands(
        _ target: RequestTarget, _ messages: [Message], headers: MessageHeaders = [:], timeout: Duration? = nil
    ) async throws {
        let (draft, queue) = try address(.command, target)
        try await send(draft, messages, headers, timeout) { adapter, messages, deadline in
            try await adapter.commands(messages, to: queue, deadline: deadline)
        }
    }

    /// Sends many commands that know their target. See ``commands(_:_:headers:timeout:)``.
    /// - Parameters:
    ///   - commands: The commands, all of one type.
    ///   - headers: What travels beside each body.
    ///   - timeout: How long all of it may take; nil for `mq_publish_timeout`.
    public func commands<Command: CommandMessage>(
        _ commands: [Command], headers: MessageHeaders = [:], timeout: Duration? = nil
    ) async throws {
        let messages = commands.map { Message(encoding: $0) }
        try await self.commands(Command.target, messages, headers: headers, timeout: timeout)
    }

    /// Sends many events of one type and waits once for all of them: cheaper than a call for each.
    /// - Parameters:
    ///   - target: The topic and the type of the events.
    ///   - messages: The bodies, and headers, in the order in which they shall arrive.
    ///   - headers: What travels beside each body, with what the message has.
    ///   - timeout: How long all of it may take; nil for `mq_publish_timeout`.
    /// - Throws: as ``commands(_:_:headers:timeout:)``, without `unroutable`.
    public func events(
        _ target: EventTarget, _ messages: [Message], headers: MessageHeaders = [:], timeout: Duration? = nil
    ) async throws {
        let (draft, topic) = try address(target)
        try await send(draft, messages, headers, timeout) { adapter, messages, deadline in
            try await adapter.events(messages, to: topic, deadline: deadline)
        }
    }

    /// Sends many events that know their target. See ``events(_:_:headers:timeout:)``.
    /// - Parameters:
    ///   - events: The events, all of one type.
    ///   - headers: What travels beside each body.
    ///   - timeout: How long all of it may take; nil for `mq_publish_timeout`.
    public func events<Event: EventMessage>(
        _ events: [Event], headers: MessageHeaders = [:], timeout: Duration? = nil
    ) async throws {
        try await self.events(
            Event.target, events.map { Message(encoding: $0) }, headers: headers, timeout: timeout)
    }

    private func send(
        _ draft: Draft, _ messages: [Message], _ headers: MessageHeaders, _ timeout: Duration?,
        by transmit: (any MessagingAdapter, [OutgoingMessage], MessagingClock.Instant) async throws -> [Int:
            MessagingError]
    ) async throws {
        try checkStarted(draft)
        let deadline = deadline(for: draft.kind, timeout ?? environment.publishTimeout)
        let batch = OutgoingBatch()
        let handOver = environment.chain.send { message in
            try self.environment.check(message)
            batch.add(message)
            return nil
        }
        var failures: [Int: MessagingError] = [:]
        for (position, message) in messages.enumerated() {
            do {
                batch.begin(position)
                _ = try await handOver(encode(draft, message, headers))
            } catch let error as MessagingError {
                failures[position] = error.with(target: draft.target)
            }
        }
        let (outgoing, positions) = batch.contents
        do {
            for (index, error) in try await transmit(adapter, outgoing, deadline) {
                failures[positions[index]] = error.with(target: draft.target)
            }
        } catch let error as MessagingError {
            throw error.with(target: draft.target)
        }
        environment.logger.log(
            level: environment.logLevel, "sent \(messages.count - failures.count) of \(messages.count) messages",
            metadata: [LogKey.target: "\(draft.target)"])
        if !failures.isEmpty { throw BatchError(failures: failures, count: messages.count) }
    }
}
