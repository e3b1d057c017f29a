import Metrics

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Counts and times what one processor is given, and what becomes of it.
struct ProcessMetrics: Sendable {
    /// How many methods get labels of their own: a processor that is an object says of none that it has no such.
    private static let methodLimit = 200

    private struct Operation: Hashable, Sendable {
        let kind: MessageKind
        let method: String
    }

    private struct Instruments: Sendable {
        let operation: OperationMetrics
        let retries: Counter
        let deadLetters: Counter
        let sentToDone: Metrics.Timer
    }

    private let inFlight: Meter
    private let operations: BoundedCache<Operation, Instruments>
    private let others: [MessageKind: Instruments]
    private let clock: MessagingClock

    /// - Parameters:
    ///   - destination: The queue or topic, without the namespace.
    ///   - clock: What times are taken by.
    init(_ source: MetricSource, destination: String, clock: MessagingClock) {
        self.clock = clock
        inFlight = source.meter(MetricName.processing, [(AttributeName.destination, destination)])
        operations = BoundedCache(limit: Self.methodLimit) { operation in
            Self.instruments(source, destination, operation.kind, operation.method)
        }
        others = Dictionary(
            uniqueKeysWithValues: MessageKind.allCases.map { kind in
                (kind, Self.instruments(source, destination, kind, AttributeName.other))
            })
    }

    /// A message is about to be processed.
    func began() -> MessagingClock.Instant {
        inFlight.increment()
        return clock.now
    }

    /// A message has been processed.
    /// - Parameters:
    ///   - method: The method, if the processor knows it.
    ///   - outcome: What becomes of it.
    ///   - start: What ``began()`` returned.
    func ended(
        _ message: IncomingMessage, method: String?, _ outcome: ProcessOutcome, since start: MessagingClock.Instant
    ) {
        inFlight.decrement()
        let instruments =
            method.flatMap { operations[Operation(kind: message.kind, method: $0)] } ?? others[message.kind]
        guard let instruments else { return }
        instruments.operation.ended(outcome.error, after: start.duration(to: clock.now))
        switch outcome.settlement {
        case .retry: instruments.retries.increment()
        case .deadLetter: instruments.deadLetters.increment()
        case .accept, .reply:
            guard outcome.error == nil, let sentAt = message.sentAt else { return }
            instruments.sentToDone.record(duration: Self.age(sentAt))
        case .giveBack: break
        }
    }

    /// How long ago something was sent, whatever the sender claims: clocks differ, and some lie.
    private static func age(_ sentAt: Int) -> Duration {
        let seconds = Date().timeIntervalSince1970 - Double(sentAt)
        return .seconds(min(max(0, seconds), 366 * 24 * 3600))
    }

    private static func instruments(
        _ source: MetricSource, _ destination: String, _ kind: MessageKind, _ method: String
    ) -> Instruments {
        let labels = [
            (AttributeName.destination, destination), (AttributeName.kind, kind.rawValue),
            (AttributeName.method, method),
        ]
        return Instruments(
            operation: OperationMetrics(
                source, count: MetricName.consumed, duration: MetricName.processDuration,
                labels: [(AttributeName.operation, "process"), (AttributeName.operationType, "process")] + labels),
            retries: source.counter(MetricName.retried, labels),
            deadLetters: source.counter(MetricName.deadLettered, labels),
            sentToDone: source.timer(MetricName.sentToDone, labels))
    }
}
