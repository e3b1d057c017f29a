import Metrics

/// Counts and times what is sent.
struct SendMetrics: MessagingMiddleware {
    /// How many targets get labels of their own: more than a service has that does not make them up.
    private static let targetLimit = 200

    private struct Operation: Hashable, Sendable {
        let kind: MessageKind
        let target: String
        let method: String
    }

    private let inFlight: Meter
    private let operations: BoundedCache<Operation, OperationMetrics>
    private let others: [MessageKind: OperationMetrics]
    private let clock: MessagingClock

    init(_ source: MetricSource, clock: MessagingClock) {
        self.clock = clock
        inFlight = source.meter(MetricName.sending)
        operations = BoundedCache(limit: Self.targetLimit) { operation in
            Self.metrics(source, operation.kind, destination(of: operation), operation.method)
        }
        others = Dictionary(
            uniqueKeysWithValues: [MessageKind.command, .query, .event].map { kind in
                (kind, Self.metrics(source, kind, AttributeName.other, AttributeName.other))
            })

        /// What stands before the separator and the method.
        @Sendable func destination(of operation: Operation) -> String {
            String(operation.target.dropLast(operation.method.count + 1))
        }
    }

    func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
        let operation = Operation(kind: message.kind, target: message.target, method: message.method)
        let metrics = operations[operation] ?? others[message.kind]
        let start = clock.now
        inFlight.increment()
        defer { inFlight.decrement() }
        do {
            let reply = try await next(message)
            // A query that its processor failed is no success for whoever asked.
            let error = reply?.failure == nil ? nil : MessagingError.Code.remote.description
            metrics?.ended(error, after: start.duration(to: clock.now))
            return reply
        } catch {
            metrics?.ended(error.typeName, after: start.duration(to: clock.now))
            throw error
        }
    }

    private static func metrics(
        _ source: MetricSource, _ kind: MessageKind, _ destination: String, _ method: String
    ) -> OperationMetrics {
        OperationMetrics(
            source, count: MetricName.sent, duration: MetricName.operationDuration,
            labels: [
                (AttributeName.operation, "send"), (AttributeName.operationType, "send"),
                (AttributeName.destination, destination), (AttributeName.kind, kind.rawValue),
                (AttributeName.method, method),
            ])
    }
}
