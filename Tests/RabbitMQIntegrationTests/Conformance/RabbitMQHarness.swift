import Foundation
import Logging
import MimiMessaging
import MimiMessagingRabbitMQ
import MimiMessagingTesting
import RabbitMQClient

/// Shows the conformance suite the RabbitMQ adapter, and the broker with the eyes of a foreign tool.
final class RabbitMQHarness: ConformanceHarness {
    static let features = AdapterFeatures(hasLinks: true, requeuePosition: .anywhere, hasPriorities: true)

    var features: AdapterFeatures { Self.features }

    private let broker: AMQPConnectionConfiguration
    private let connection: AMQPConnection
    private let proxies = Lock<[ObjectIdentifier: FaultProxy]>([:])
    private let queueType: String

    init(queueType: String = "quorum") async throws {
        broker = try await TestBroker.require()
        connection = try await AMQPConnection.open(broker, logger: Self.silent)
        self.queueType = queueType
    }

    private static let silent = Logger(label: "harness") { _ in SwiftLogNoOpLogHandler() }

    func makeBus(
        options: MessagingOptions, middleware: [any MessagingMiddleware], serializers: [any MessageSerializer]
    ) async throws -> MessageBus {
        // Each bus has links of its own that can be broken.
        let proxy = try FaultProxy(upstreamPort: broker.endpoints[0].port)
        guard case .plain(let username, let password) = broker.credentials else {
            throw TestBroker.Unavailable(description: "the broker of the tests needs a user and a password")
        }
        let bus = try MessageBus(
            options: options.setting("mq_adapter", to: "rabbitmq").setting("mq_host", to: "127.0.0.1")
                .setting("mq_port", to: .integer(proxy.port)).setting("mq_vhost", to: .string(broker.virtualHost))
                .setting("mq_username", to: .string(username)).setting("mq_password", to: .string(password))
                .setting("mq_rabbitmq_queue_type", to: .string(queueType)),
            adapters: [RabbitMQAdapter.self], serializers: serializers, middleware: middleware, logger: Self.silent)
        proxies.withLock { $0[ObjectIdentifier(bus)] = proxy }
        return bus
    }

    func takeDeadLetters(of queue: String, count: Int, within limit: Duration) async throws -> [DeadLetter] {
        let letters = queue + ".dead"
        _ = try await depth(of: letters, awaiting: count, within: limit)
        return try await connection.withChannel { channel in
            var taken: [DeadLetter] = []
            while let delivery = try await channel.get(letters) {
                channel.ack(delivery.tag)
                taken.append(DeadLetter(delivery))
            }
            return taken
        }
    }

    func depth(of queue: String, awaiting count: Int, within limit: Duration) async throws -> Int {
        try await connection.withChannel { try await $0.depth(of: queue, awaiting: count, within: limit) }
    }

    func send(_ message: ForeignMessage, toQueue queue: String) async throws {
        try await publish(message, exchange: "", routingKey: queue, methodHeader: "__method")
    }

    func send(_ message: ForeignMessage, toTopic topic: String) async throws {
        try await publish(message, exchange: topic, routingKey: "", methodHeader: "__event_type")
    }

    func breakLinks(of bus: MessageBus) async throws {
        proxies.withLock { $0[ObjectIdentifier(bus)] }?.cut()
    }

    func remove(queues: [String], topics: [String]) async throws {
        // The delays that the cases use.
        let delays = [20, 40, 120, 150, 300, 1000]
        try await connection.withChannel { channel in
            for queue in queues { try await channel.remove(queue: queue, retryDelays: delays) }
            for topic in topics { try await channel.deleteExchange(topic) }
        }
    }

    /// Ends what the harness has started.
    func close() async {
        await connection.close()
        for proxy in proxies.withLock({ $0.values.map { $0 } }) { proxy.close() }
    }

    private func publish(
        _ message: ForeignMessage, exchange: String, routingKey: String, methodHeader: String
    ) async throws {
        var headers = AMQPFieldTable()
        if let method = message.method { headers.append(methodHeader, .string(method)) }
        for (name, value) in message.headers { headers.append(name, .string(value)) }
        let properties = AMQPProperties(
            contentType: message.contentType, headers: headers, correlationID: message.replyAddress.map { _ in "c" },
            replyTo: message.replyAddress, messageID: message.id, type: message.kind?.rawValue)
        try await connection.withChannel { channel in
            try await channel.selectConfirms()
            try await channel.publish(
                AMQPMessage(properties: properties, body: message.body), exchange: exchange, routingKey: routingKey,
                mandatory: exchange.isEmpty)
        }
    }
}

extension DeadLetter {
    /// As it lies in the queue.
    init(_ delivery: AMQPDelivery) {
        guard case .message(let message) = delivery.content else {
            self.init(body: [])
            return
        }
        let headers = message.properties.headers ?? [:]
        func text(_ name: String) -> String? {
            if case .string(let text) = headers[name] { text } else { nil }
        }
        var own: [String: String] = [:]
        for entry in headers where !entry.name.hasPrefix("__") && !entry.name.hasPrefix("x-") {
            if case .string(let value) = entry.value { own[entry.name] = value }
        }
        var attempts: Int?
        if case .int64(let number) = headers["__attempt"] { attempts = Int(number) }
        self.init(
            body: message.body, contentType: message.properties.contentType, id: message.properties.messageID,
            method: text("__method") ?? text("__event_type"), headers: own, failureCode: text("__error_code"),
            failureMessage: text("__error_message"), attempts: attempts)
    }
}
