import MimiMessagingTesting

@testable import MimiMessaging

/// One side of the broker, without a bus.
struct Peer: Sendable {
    let adapter: MemoryAdapter
    let received = Journal<any Delivery>()

    init(_ broker: MemoryBroker, maximumBodySize: Int = 1_000) async throws {
        adapter = MemoryAdapter(
            broker: broker, context: AdapterContext(clock: broker.clock, maximumBodySize: maximumBodySize))
        try await adapter.start()
    }

    func subscribe(
        _ source: Subscription.Source, prefetch: Int? = 1, isSingleActive: Bool = false, priority: Int? = nil,
        arguments: [String: MessageValue] = [:]
    ) async throws -> any AdapterSubscription {
        try await adapter.subscribe(
            Subscription(
                source: source, concurrency: 1, prefetch: prefetch, isSingleActive: isSingleActive, priority: priority,
                queueArguments: arguments)
        ) { [weak received] in
            // A delivery keeps its broker, and the broker this closure.
            received?.note($0)
        }
    }

    /// The delivery with a certain position.
    func delivery(_ index: Int) async throws -> any Delivery { try await received.wait(for: index + 1)[index] }

    var ids: [String] { received.entries.compactMap(\.message.id) }
}

/// A broker with a clock that stands still, and what is sent over it.
struct BrokerFixture: Sendable {
    let clock = TestClock()
    let broker: MemoryBroker

    init() { broker = MemoryBroker(clock: MessagingClock(clock)) }

    func after(_ seconds: Int) -> MessagingClock.Instant { broker.clock.now.advanced(by: .seconds(seconds)) }

    func message(_ kind: MessageKind = .command, id: String = "1", body: [UInt8] = []) -> OutgoingMessage {
        OutgoingMessage(
            kind: kind, id: id, method: "do", target: "orders/do", headers: ["a": "b"], body: body,
            contentType: "application/json", appID: "shop")
    }

    func reply(_ body: [UInt8] = [], failure: FailureRecord? = nil) -> OutgoingMessage {
        OutgoingMessage(
            kind: .reply, id: "r", method: "", target: "", body: body, contentType: "application/json", failure: failure
        )
    }

    func send(_ ids: [String], from peer: Peer, to queue: String = "orders") async throws {
        for id in ids { try await peer.adapter.command(message(id: id), to: queue, deadline: after(15)) }
    }
}
