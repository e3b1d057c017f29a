#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the registered processors of a bus need to be there: queues and topics, in the terms of this layer.
///
/// A service prints it, and `mimi topology` compares it with a broker:
///
/// ```swift
/// print(bus.topology)
/// ```
public struct BusTopology: Codable, Hashable, Sendable {
    /// What one processor listens to. Names have the namespace already.
    public struct Processor: Codable, Hashable, Sendable {
        /// The topic, for a processor of events.
        public let topic: String?
        /// The queue; nil if each processor of events hears each event.
        public let queue: String?
        /// The delays of retries, in milliseconds.
        public let retryDelays: [Int]
        /// Whether only one of all processors of the queue gets messages at a time.
        public let isSingleActive: Bool
        /// Further arguments for declaring the queue, in the words of the bus.
        public let queueArguments: [String: MessageValue]

        private enum CodingKeys: String, CodingKey {
            case topic, queue
            case retryDelays = "retry_delays_ms"
            case isSingleActive = "single_active"
            case queueArguments = "queue_arguments"
        }

        init(_ subscription: Subscription) {
            switch subscription.source {
            case .requests(let queue): (topic, self.queue) = (nil, queue)
            case .events(let topic, let queue): (self.topic, self.queue) = (topic, queue)
            }
            retryDelays = Set(subscription.retryDelays.map { Int(min($0 / .milliseconds(1), 1e15)) }).sorted()
            isSingleActive = subscription.isSingleActive
            queueArguments = subscription.queueArguments
        }

        /// The subscription that it describes; nil for a description that says neither queue nor topic.
        package var subscription: Subscription? {
            guard
                let source: Subscription.Source =
                    topic.map({ .events(topic: $0, queue: queue) }) ?? queue.map({ .requests(queue: $0) })
            else { return nil }
            return Subscription(
                source: source, concurrency: 1, retryDelays: retryDelays.map { .milliseconds($0) },
                isSingleActive: isSingleActive, queueArguments: queueArguments)
        }
    }

    /// The name of the adapter.
    public let adapter: String
    /// The options that shape what the adapter declares, by their keys. None of them is secret.
    public let options: [String: String]
    /// The processors, in the order in which they were registered.
    public let processors: [Processor]
}

extension BusTopology: CustomStringConvertible {
    /// JSON, over several lines.
    public var description: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        // Texts, numbers and lists of them: there is nothing in it that JSON cannot say.
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

extension MessageBus {
    /// What the processors that are registered now need on the bus; see ``BusTopology``. The bus need not be started.
    public var topology: BusTopology {
        BusTopology(
            adapter: type(of: adapter).name, options: adapter.topologyOptions,
            processors: state.withLock { $0.registrations }.map { BusTopology.Processor($0.subscription) })
    }
}
