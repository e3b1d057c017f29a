import MimiMessagingTesting
import Testing

@testable import MimiMessaging

/// Events through the in-memory broker.
@Suite(.timeLimit(.minutes(1))) struct MemoryTopicTests {
    private let fixture = BrokerFixture()

    @Test func eventsReachEveryQueueAndEveryListener() async throws {
        let sender = try await Peer(fixture.broker)
        try await sender.adapter.event(fixture.message(.event, id: "0"), to: "users", deadline: fixture.after(15))
        let shared = [try await Peer(fixture.broker), try await Peer(fixture.broker)]
        for peer in shared { _ = try await peer.subscribe(.events(topic: "users", queue: "billing")) }
        let audit = try await Peer(fixture.broker)
        _ = try await audit.subscribe(.events(topic: "users", queue: "audit"), prefetch: 10)
        let listeners = [try await Peer(fixture.broker), try await Peer(fixture.broker)]
        var subscriptions: [any AdapterSubscription] = []
        for peer in listeners { subscriptions.append(try await peer.subscribe(.events(topic: "users", queue: nil))) }
        for id in ["1", "2"] {
            try await sender.adapter.event(fixture.message(.event, id: id), to: "users", deadline: fixture.after(15))
        }
        try await audit.received.wait(for: 2)
        for peer in shared { try await peer.received.wait(for: 1) }
        #expect(Set(shared.flatMap(\.ids)) == ["1", "2"])
        for peer in listeners {
            await (try await peer.delivery(0)).settle(.accept)
            try await peer.received.wait(for: 2)
            #expect(peer.ids == ["1", "2"])
        }
        for subscription in subscriptions { await subscription.cancel() }
        try await sender.adapter.event(fixture.message(.event, id: "3"), to: "users", deadline: fixture.after(15))
        try await audit.received.wait(for: 3)
        #expect(listeners.flatMap(\.ids).count == 4)
    }

    @Test func aListenersQueueGoesWithIt() async throws {
        let peer = try await Peer(fixture.broker)
        let subscription = try await peer.subscribe(.events(topic: "users", queue: nil))
        for id in ["1", "2"] {
            try await peer.adapter.event(fixture.message(.event, id: id), to: "users", deadline: fixture.after(15))
        }
        let delivery = try await peer.delivery(0)
        await subscription.cancel()
        await delivery.settle(.giveBack)
        fixture.broker.look { state in
            #expect(state.queues.isEmpty)
            #expect(state.topics.isEmpty)
            #expect(state.unsettled.isEmpty)
        }
    }
}
