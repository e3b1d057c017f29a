public import ServiceLifecycle

extension MessageBus: Service {
    /// Starts the bus, the adapter first and then the registered processors. What runs already is left alone.
    ///
    /// If a part cannot be started, what this call has started is stopped again. ``stop(adapter:processors:)`` ends a
    /// start that is under way.
    /// - Parameters:
    ///   - startsAdapter: Whether to connect, so that messages can be sent.
    ///   - startsProcessors: Whether to run the registered processors, now and as they are registered.
    /// - Throws: ``MessagingError`` with `connection`, `authentication`, `accessRefused` or `topology`; `notStarted` when
    ///   processors are to be started without the adapter, or when the bus was stopped meanwhile.
    public func start(adapter startsAdapter: Bool = true, processors startsProcessors: Bool = true) async throws {
        try await transitions.run {
            try await starting { try await self.bringUp(adapter: startsAdapter, processors: startsProcessors) }
        }
    }

    /// Stops the bus in order: processors stop listening; what they are handling may finish, and send, within
    /// `mq_shutdown_timeout`, and is then cancelled and given back; then the adapter disconnects. What is stopped already
    /// is left alone. Registrations stay.
    ///
    /// Cancelling the task of the caller does not cut this short; stopping again while it is under way does: then nothing
    /// is waited for any more.
    /// - Parameters:
    ///   - stopsAdapter: Whether to disconnect; this stops the processors, too.
    ///   - stopsProcessors: Whether to stop the processors.
    public func stop(adapter stopsAdapter: Bool = true, processors stopsProcessors: Bool = true) async {
        starts.cancel()
        await stops.runUncancelled(cancelsOthers: true) {
            await self.transitions.run {
                await self.shutDown(adapter: stopsAdapter, processors: stopsProcessors || stopsAdapter)
            }
        }
    }

    /// Runs the bus as a service: starts it, waits for the graceful shutdown or for cancellation, and stops it. A
    /// cancellation during the graceful shutdown makes it end at once.
    /// - Throws: what ``start(adapter:processors:)`` throws, after the bus was stopped. A cancellation is no error.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.start() }
            try await gracefulShutdown()
        } catch {
            await stop()
            if error is CancellationError, Task.isCancelled || Task.isShuttingDownGracefully { return }
            throw error
        }
        await withTaskCancellationHandler {
            await stop()
        } onCancel: {
            stops.cancel()
        }
    }

    /// Stops all processors and forgets their registrations. What they are handling may finish within
    /// `mq_shutdown_timeout`, and is then cancelled and given back. The adapter stays as it is.
    public func unregisterAllProcessors() async {
        await stops.runUncancelled {
            await self.transitions.run {
                await self.stop(self.state.withLock { $0.removeAll() }, deadline: self.shutdownDeadline)
            }
        }
    }

    private func bringUp(adapter startsAdapter: Bool, processors startsProcessors: Bool) async throws {
        let connects = startsAdapter && !state.withLock { $0.isAdapterStarted }
        if connects {
            let metrics = environment.metrics.map(AdapterMetrics.init)
            try await adapter.start(observer: BusObserver(monitor: monitor, metrics: metrics))
            state.withLock { $0.adapterStarted() }
            monitor.look()
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
            // Apart from this task: if that is cancelled, the way back must not be.
            await stops.runUncancelled { await self.shutDown(adapter: connects, processors: true) }
            throw error
        }
    }

    /// Runs what starts something; a stop that comes meanwhile ends it.
    func starting(_ operation: @escaping @Sendable () async throws -> Void) async throws {
        do {
            try await starts.run(operation)
        } catch is CancellationError where !Task.isCancelled {
            throw MessagingError(.notStarted, "the bus was stopped while it started")
        }
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
        if stopsAdapter {
            state.withLock { $0.announceStop() }
            monitor.look()
        }
        if stopsProcessors {
            await stop(state.withLock { $0.processorsUnwanted() }, deadline: deadline)
        }
        if stopsAdapter, state.withLock({ $0.adapterStops() }) {
            await adapter.stop(deadline: deadline)
        }
        monitor.look()
    }

    /// Stops processors, which may take until the deadline, or until this task is cancelled.
    private func stop(_ processors: [ActiveProcessor], deadline: MessagingClock.Instant) async {
        guard !processors.isEmpty else { return }
        await withTaskGroup(of: Bool.self) { group in
            for processor in processors {
                group.addTask {
                    await processor.stop()
                    return true
                }
            }
            group.addTask { [clock = environment.clock] in
                try? await clock.sleep(until: deadline)
                return false
            }
            var running = processors.count
            while running > 0, let isStopped = await group.next() {
                if isStopped { running -= 1 } else { group.cancelAll() }
            }
            group.cancelAll()
        }
    }
}
