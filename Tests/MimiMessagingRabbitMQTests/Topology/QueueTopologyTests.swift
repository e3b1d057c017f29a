import MimiMessaging
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Names and arguments of queues")
struct QueueTopologyTests {
    private func topology(
        _ queue: String = "orders", delays: [Duration] = [], options: MessagingOptions = [:],
        arguments: [String: MessageValue] = [:], isSingleActive: Bool = false
    ) throws -> QueueTopology {
        QueueTopology(
            queue: queue, configuration: try RabbitMQConfiguration(options: options, maximumBodySize: 1),
            subscription: Subscription(
                source: .requests(queue: queue), concurrency: 1, retryDelays: delays, isSingleActive: isSingleActive,
                queueArguments: arguments))
    }

    @Test func quorumQueuesNeverDropWhatTheLadderWants() throws {
        let arguments = try topology(options: ["mq_rabbitmq_delivery_limit": 7]).arguments
        #expect(arguments["x-queue-type"] == "quorum")
        #expect(arguments["x-delivery-limit"] == 7)
        #expect(arguments["x-dead-letter-strategy"] == "at-least-once")
        #expect(arguments["x-overflow"] == "reject-publish")
        #expect(arguments["x-dead-letter-exchange"] == "orders.dead")
    }

    @Test func classicQueuesAreDeclaredWithoutWhatOnlyQuorumQueuesKnow() throws {
        let arguments = try topology(options: ["mq_rabbitmq_queue_type": "classic"]).arguments
        #expect(arguments["x-queue-type"] == "classic")
        #expect(arguments["x-delivery-limit"] == nil && arguments["x-dead-letter-strategy"] == nil)
    }

    @Test func theLadderHasOneQueuePerDelay() throws {
        let topology = try topology(delays: [.seconds(1), .milliseconds(50), .zero, .seconds(1)])
        #expect(topology.retryDelays == [50, 1000])
        #expect(topology.retryQueue(for: .seconds(1)) == "orders.retry.1000")
        #expect(topology.retryQueue(for: .zero) == "orders")
        let arguments = topology.retryArguments(1000)
        #expect(arguments["x-message-ttl"] == 1000)
        #expect(arguments["x-dead-letter-routing-key"] == "orders")
    }

    @Test func deadLettersMayBeLookedAtForEver() throws {
        #expect(try topology().deadLetterArguments["x-delivery-limit"] == 1_000_000_000)
        #expect(
            try topology(options: ["mq_rabbitmq_queue_type": "classic"]).deadLetterArguments["x-delivery-limit"] == nil)
    }

    @Test(arguments: [
        ("orders.retry.1000", "orders"), ("a.b.retry.5", "a.b"), ("orders.retry.soon", nil), ("retry.5", nil),
        ("orders", nil),
    ])
    func retryQueuesTellWhoseTheyAre(name: String, queue: String?) {
        #expect(QueueNames.retriedQueue(of: name) == queue)
    }

    @Test func everythingIsDeclaredBeforeItIsBound() throws {
        let declarations = try topology(delays: [.seconds(1)]).declarations(topic: "shop")
        var known = Set<String>()
        for declaration in declarations {
            switch declaration {
            case .queue(let name, _): known.insert("queue " + name)
            case .exchange(let name, _): known.insert("exchange " + name)
            case .binding(let queue, let exchange, _):
                #expect(known.isSuperset(of: ["queue " + queue, "exchange " + exchange]))
            }
        }
        #expect(
            known.isSuperset(of: ["queue orders", "queue orders.dead", "queue orders.retry.1000", "exchange shop"]))
    }

    @Test func whatAnOperatorWantsIsAdded() throws {
        let arguments = try topology(arguments: ["x-max-length": 9, "x-delivery-limit": 3], isSingleActive: true)
            .arguments
        #expect(arguments["x-max-length"] == 9)
        #expect(arguments["x-delivery-limit"] == 3)
        #expect(arguments["x-single-active-consumer"] == true)
    }

    @Test func namesThatBecomeTooLongAreRefused() throws {
        #expect(throws: Never.self) { try topology(String(repeating: "q", count: 250)).checkNames() }
        #expect(throws: MessagingError.self) {
            try topology(String(repeating: "q", count: 250), delays: [.seconds(1)]).checkNames()
        }
    }
}
