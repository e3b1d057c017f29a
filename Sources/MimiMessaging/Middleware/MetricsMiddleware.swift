import Metrics

/// Counts and times what is sent and processed, with the metric names of the OpenTelemetry messaging conventions.
struct MetricsMiddleware: MessagingMiddleware {
    let system: String
    /// Where measurements go; nil for the factory of the process.
    private let ownFactory: (any MetricsFactory)?

    init(system: String, factory: (any MetricsFactory)? = nil) {
        self.system = system
        ownFactory = factory
    }

    func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
        let start = ContinuousClock.now
        do {
            let reply = try await next(message)
            record(
                "messaging.client.operation.duration", "messaging.client.sent.messages", message.kind, nil, since: start
            )
            return reply
        } catch {
            record(
                "messaging.client.operation.duration", "messaging.client.sent.messages", message.kind, error,
                since: start)
            throw error
        }
    }

    func process(_ message: IncomingMessage, context: MessageContext, next: ProcessNext) async throws -> Message? {
        let start = ContinuousClock.now
        do {
            let answer = try await next(message, context)
            record("messaging.process.duration", "messaging.client.consumed.messages", context.kind, nil, since: start)
            return answer
        } catch {
            record(
                "messaging.process.duration", "messaging.client.consumed.messages", context.kind, error, since: start)
            throw error
        }
    }

    /// Labels come from this layer only, never from a message, so that their number stays small.
    private func record(
        _ timer: String, _ counter: String, _ kind: MessageKind, _ error: (any Error)?,
        since start: ContinuousClock.Instant
    ) {
        var dimensions = [("messaging.system", system), ("messaging.operation.name", kind.rawValue)]
        if let error { dimensions.append(("error.type", FailureRecord(describing: error).code)) }
        let factory = ownFactory ?? MetricsSystem.factory
        Metrics.Timer(label: timer, dimensions: dimensions, factory: factory).record(duration: start.duration(to: .now))
        Counter(label: counter, dimensions: dimensions, factory: factory).increment()
    }
}
