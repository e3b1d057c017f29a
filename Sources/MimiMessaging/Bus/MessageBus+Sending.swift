import Logging

extension MessageBus {
    /// Sends a command to one processor of a queue. Returns when the bus has taken it and will not lose it.
    /// - Parameters:
    ///   - target: The queue and the method that it is for.
    ///   - message: The body, and headers.
    ///   - headers: What travels beside the body, with what the message has.
    ///   - timeout: How long this may take; nil for `mq_publish_timeout`.
    /// - Throws: ``MessagingError`` with `unroutable` at once if there is no such queue; `authentication` or
    ///   `accessRefused` at once if the bus refuses the user, or what the user wants to do; `timeout`, `connection`,
    ///   `rejected`; `messageTooLarge`, `invalidMessage`, `invalidTarget`, `serialization`, `notStarted` before anything
    ///   is sent. `CancellationError` if the task is cancelled.
    public func command(
        _ target: RequestTarget, _ message: Message = [:], headers: MessageHeaders = [:], timeout: Duration? = nil
    ) async throws {
        let (draft, queue) = try address(.command, target)
        _ = try await send(draft, message, headers, timeout ?? environment.publishTimeout) {
            adapter, message, deadline in
            try await adapter.command(message, to: queue, deadline: deadline)
            return nil
        }
    }

    /// Sends a command that knows its target. See ``command(_:_:headers:timeout:)``.
    public func command<Command: CommandMessage>(
        _ command: Command, headers: MessageHeaders = [:], timeout: Duration? = nil
    ) async throws {
        try await self.command(Command.target, Message(encoding: command), headers: headers, timeout: timeout)
    }

    /// Sends a query to one processor of a queue and waits for its answer.
    ///
    /// Inside a processor, a query waits no longer than the query that is being processed.
    /// - Parameters:
    ///   - target: The queue and the method that it is for.
    ///   - message: The body, and headers.
    ///   - headers: What travels beside the body, with what the message has.
    ///   - timeout: How long to wait for the answer; nil for `mq_default_query_timeout`.
    /// - Returns: The answer.
    /// - Throws: ``MessagingError`` with `remote` if the processor failed; `overloaded` at once if
    ///   `mq_max_pending_queries` queries wait already; otherwise as ``command(_:_:headers:timeout:)``.
    public func query(
        _ target: RequestTarget, _ message: Message = [:], headers: MessageHeaders = [:], timeout: Duration? = nil
    ) async throws -> Message {
        let (draft, queue) = try address(.query, target)
        let reply = try await send(draft, message, headers, timeout ?? environment.queryTimeout) {
            adapter, message, deadline in
            guard self.pendingQueries.enter() else {
                throw MessagingError(
                    .overloaded,
                    "\(self.environment.maximumPendingQueries) queries wait already (mq_max_pending_queries)")
            }
            defer { self.pendingQueries.leave() }
            return try await adapter.query(message, to: queue, deadline: deadline)
        }
        guard let reply else { throw MessagingError(.connection, "there was no reply", target: target.description) }
        if let failure = reply.failure {
            throw MessagingError(.remote, failure.message, target: target.description, remoteCode: failure.code)
        }
        let body = EncodedBody(
            bytes: reply.body, contentType: reply.contentType, serializers: environment.serializers)
        return Message(body: body, headers: reply.headers)
    }

    /// Sends a query that knows its target and its answer. See ``query(_:_:headers:timeout:)``.
    /// - Throws: also `serialization` if the answer does not fit.
    public func query<Query: QueryMessage>(
        _ query: Query, headers: MessageHeaders = [:], timeout: Duration? = nil
    ) async throws -> Query.Answer {
        let answer = try await self.query(Query.target, Message(encoding: query), headers: headers, timeout: timeout)
        do {
            return try answer.decode(as: Query.Answer.self)
        } catch {
            throw error.with(target: Query.target.description)
        }
    }

    /// Sends an event to everybody who listens to its topic. Returns when the bus has taken it for each of them. That
    /// nobody listens is no error.
    /// - Throws: as ``command(_:_:headers:timeout:)``, without `unroutable`; `topology` if the bus has something else of
    ///   that name.
    public func event(
        _ target: EventTarget, _ message: Message = [:], headers: MessageHeaders = [:], timeout: Duration? = nil
    ) async throws {
        let (draft, topic) = try address(target)
        _ = try await send(draft, message, headers, timeout ?? environment.publishTimeout) {
            adapter, message, deadline in
            try await adapter.event(message, to: topic, deadline: deadline)
            return nil
        }
    }

    /// Sends an event that knows its target. See ``event(_:_:headers:timeout:)``.
    public func event<Event: EventMessage>(
        _ event: Event, headers: MessageHeaders = [:], timeout: Duration? = nil
    ) async throws {
        try await self.event(Event.target, Message(encoding: event), headers: headers, timeout: timeout)
    }

    /// A message before it is encoded.
    struct Draft {
        let kind: MessageKind
        let method: String
        let target: String
    }

    /// A message for a queue before it is encoded, and the name that the queue has on the bus.
    func address(
        _ kind: MessageKind, _ target: RequestTarget
    ) throws(MessagingError) -> (draft: Draft, queue: String) {
        let target = try target.validated()
        let queue = try TargetGrammar.qualify(target.queue, namespace: environment.namespace)
        return (Draft(kind: kind, method: target.method, target: target.description), queue)
    }

    /// An event before it is encoded, and the name that its topic has on the bus.
    func address(_ target: EventTarget) throws(MessagingError) -> (draft: Draft, topic: String) {
        let target = try target.validated()
        let topic = try TargetGrammar.qualify(target.topic, namespace: environment.namespace)
        return (Draft(kind: .event, method: target.type, target: target.description), topic)
    }

    /// The way of every message: checked, encoded, through middleware, to the adapter.
    private func send(
        _ draft: Draft, _ message: Message, _ headers: MessageHeaders, _ timeout: Duration,
        by transmit:
            @escaping @Sendable (
                any MessagingAdapter, OutgoingMessage, MessagingClock.Instant
            ) async throws -> IncomingMessage?
    ) async throws -> IncomingMessage? {
        do {
            try checkStarted(draft)
            let outgoing = try encode(draft, message, headers)
            let deadline = deadline(for: draft.kind, timeout)
            let send = environment.chain.send { message in
                // Last, since middleware may have changed it.
                try self.environment.check(message)
                return try await transmit(self.adapter, message, deadline)
            }
            let reply = try await send(outgoing)
            environment.logger.log(
                level: environment.logLevel, "sent",
                metadata: [LogKey.target: "\(draft.target)", LogKey.messageID: "\(outgoing.id)"])
            return reply
        } catch let error as MessagingError {
            throw error.with(target: draft.target)
        }
    }

    /// Whether anything can be sent.
    func checkStarted(_ draft: Draft) throws(MessagingError) {
        guard state.withLock({ $0.isAdapterStarted }) else {
            throw MessagingError(.notStarted, "the bus is not started", target: draft.target)
        }
    }

    // Inlined, what it needs would stay in the frame of its caller until the message is sent.
    @inline(never)
    func encode(
        _ draft: Draft, _ message: Message, _ headers: MessageHeaders
    ) throws(MessagingError) -> OutgoingMessage {
        let serializer = environment.serializers.preferred
        return OutgoingMessage(
            kind: draft.kind, id: RandomID.make(), method: draft.method, target: draft.target,
            headers: message.headers.merging(headers), body: try message.encoded(with: serializer),
            contentType: serializer.contentType, appID: environment.appID)
    }

    func deadline(for kind: MessageKind, _ timeout: Duration) -> MessagingClock.Instant {
        let own = environment.clock.now.advanced(by: min(timeout, DurationText.maximum))
        guard kind == .query, let inherited = InheritedDeadline.current else { return own }
        return min(own, inherited)
    }
}
