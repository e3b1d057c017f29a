extension MessageBus {
    /// Registers an object that processes the commands and queries of a queue.
    ///
    /// On a started bus it runs when this returns; else it runs from the next start on. A queue has one processor on a bus,
    /// with handlers for all its messages.
    /// - Throws: `invalidTarget` or `registration` for a wrong name; `registration` if the queue has a processor on this bus
    ///   already, for requests or for events; on a started bus also what ``start(adapter:processors:)``
    ///   throws. A processor that cannot be started is not registered.
    public func register(
        _ processor: some RequestProcessor, queue: String, options: ProcessorOptions = ProcessorOptions()
    ) async throws {
        try await register(RequestProcessorHandler(processor: processor), queue: queue, options: options)
    }

    /// Registers an object that processes the events of a topic.
    /// - Parameters:
    ///   - processor: What processes.
    ///   - topic: The topic, without the namespace.
    ///   - queue: With a queue, each event goes to one of the processors that name it, and events wait in it while none
    ///     of them runs. Without, each processor gets each event while it runs, at best effort.
    ///   - options: How this processor works, where it differs from the options of the bus.
    /// - Throws: as ``register(_:queue:options:)``.
    public func register(
        _ processor: some EventProcessor, topic: String, queue: String? = nil,
        options: ProcessorOptions = ProcessorOptions()
    ) async throws {
        try await register(EventProcessorHandler(processor: processor), topic: topic, queue: queue, options: options)
    }

    /// Registers handlers for the commands and queries of a queue, one for each method.
    ///
    /// A message of a method without handler is dead-lettered; the asker of a query is told.
    /// - Throws: as ``register(_:queue:options:)``; `registration` also for two handlers of one method.
    public func requests(
        _ queue: String, options: ProcessorOptions = ProcessorOptions(),
        handlers: (inout RequestHandlers) throws -> Void
    ) async throws {
        var table = RequestHandlers(queue: queue)
        try handlers(&table)
        try await register(table.finished(), queue: queue, options: options)
    }

    /// Registers handlers for the events of a topic, one for each type. Events of other types are ignored.
    ///
    /// With or without a queue: see ``register(_:topic:queue:options:)``.
    /// - Throws: as ``requests(_:options:handlers:)``.
    public func events(
        _ topic: String, queue: String? = nil, options: ProcessorOptions = ProcessorOptions(),
        handlers: (inout EventHandlers) throws -> Void
    ) async throws {
        var table = EventHandlers(topic: topic)
        try handlers(&table)
        try await register(table.finished(), topic: topic, queue: queue, options: options)
    }

    private func register(_ handler: some MessageHandler, queue: String, options: ProcessorOptions) async throws {
        try TargetGrammar.checkName(queue)
        let qualified = try TargetGrammar.qualify(queue, namespace: environment.namespace)
        try await register(handler, source: .requests(queue: qualified), name: queue, options: options)
    }

    private func register(
        _ handler: some MessageHandler, topic: String, queue: String?, options: ProcessorOptions
    ) async throws {
        try TargetGrammar.checkName(topic)
        let qualified = try TargetGrammar.qualify(topic, namespace: environment.namespace)
        var qualifiedQueue: String?
        if let queue {
            try TargetGrammar.checkName(queue)
            qualifiedQueue = try TargetGrammar.qualify(queue, namespace: environment.namespace)
        }
        try await register(
            handler, source: .events(topic: qualified, queue: qualifiedQueue), name: topic, options: options)
    }

    private func register(
        _ handler: some MessageHandler, source: Subscription.Source, name: String, options: ProcessorOptions
    ) async throws {
        try await transitions.run {
            let registration = try Registration(
                id: state.withLock { $0.newID() }, source: source, name: name, handler: handler, options: options,
                environment: environment)
            guard try state.withLock({ state throws(MessagingError) in try state.add(registration) }) else { return }
            do {
                try await starting { try await self.activate(registration) }
            } catch {
                state.withLock { $0.remove(registration.id) }
                throw error
            }
        }
    }
}
