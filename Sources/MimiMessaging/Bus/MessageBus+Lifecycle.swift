public import ServiceLifecycle

extension MessageBus: Service {
    /// Starts the bus, the adapter first and then the registered processors. What runs already is left alone.
    ///
    /// If a part cannot be started, what this call has started is stopped again.
    /// - Parameters:
    ///   - startsAdapter: Whether to connect, so that messages can be sent.
    ///   - startsProcessors: Whether to run the registered processors, now and as they are registered.
    /// - Throws: ``MessagingError`` with `connection`, `authentication`, `accessRefused` or `topology`; `notStarted` when
    ///   processors are to be started without the adapter.
    public func start(adapter startsAdapter: Bool = true, processors startsProcessors: Bool = true) async throws {
        try await transitions.run {
            let connects = startsAdapter && !state.withLock { $0.isAdapterStarted }
            if connects {
                try await adapter.start()
                state.withLock { $0.adapterStarted() }
            }
            guard startsProcessors else { return }
            guard state.withLock({ $0.isAdapterStarted }) else {
                throw MessagingError(.notStarted, "processors need a started adapter")
            }
            do {
                for registration in state.withLock({ $0.processorsWanted() }) {
                    try await activate(registration)
                }
            } catch {
                // Apart from the caller's task: if that is cancelled, the way back must not be.
                await Task { await shutDown(adapter: connects, processors: true) }.value
                throw error
            }
        }
    }

    /// Stops the bus in order: processors stop listening; what they are handling may finish, and send, within
    /// `mq_shutdown_timeout`, and is then cancelled and given back; then the adapter disconnects. What is stopped already
    /// is left alone. Registrations stay.
    ///
    /// Cancelling the task of the caller does not cut this short.
    public func stop(adapter stopsAdapter: Bool = true, processors stopsProcessors: Bool = true) async {
        await Task {
            await transitions.run { await shutDown(adapter: stopsAdapter, processors: stopsProcessors || stopsAdapter) }
        }.value
    }

    /// Runs the bus as a service: starts it, waits for the graceful shutdown or for cancellation, and stops it.
    public func run() async throws {
        do {
            try await start()
            try await gracefulShutdown()
        } catch {
            await stop()
            if error is CancellationError, Task.isCancelled { return }
            throw error
        }
        await stop()
    }

    /// Stops all processors and forgets their registrations.
    public func unregisterAllProcessors() async {
        await Task {
            await transitions.run { await stop(state.withLock { $0.removeAll() }, deadline: shutdownDeadline) }
        }.value
    }

    func activate(_ registration: Registration) async throws {
        do {
            let processor = try await ActiveProcessor.start(registration, on: adapter)
            state.withLock { $0.started(processor, id: registration.id) }
        } catch let error as MessagingError {
            throw error.with(target: registration.dispatcher.name)
        }
    }

    private var shutdownDeadline: MessagingClock.Instant {
        environment.clock.now.advanced(by: environment.shutdownTimeout)
    }

    private func shutDown(adapter stopsAdapter: Bool, processors stopsProcessors: Bool) async {
        let deadline = shutdownDeadline
        if stopsProcessors {
            await stop(state.withLock { $0.processorsUnwanted() }, deadline: deadline)
        }
        if stopsAdapter, state.withLock({ $0.adapterStops() }) {
            await adapter.stop(deadline: deadline)
        }
    }

    private func stop(_ processors: [ActiveProcessor], deadline: MessagingClock.Instant) async {
        await withTaskGroup { group in
            for processor in processors {
                group.addTask { await processor.stop(deadline: deadline) }
            }
        }
    }
}
