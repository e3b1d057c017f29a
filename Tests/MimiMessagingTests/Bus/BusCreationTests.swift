import Testing

@testable import MimiMessaging

@Suite struct BusCreationTests {
    /// Another adapter that calls itself as the scripted one does.
    private struct Impostor: MessagingAdapter {
        static let name = "scripted"
        static let options: [OptionDefinition] = []
        let wrapped = ScriptedAdapter()

        init(context: AdapterContext) throws { throw ConnectError() }

        struct ConnectError: Error {}

        func start(observer: any AdapterObserver) async throws {}
        func stop(deadline: MessagingClock.Instant) async {}
        func command(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws {}
        func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws {}
        func query(
            _ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant
        ) async throws -> IncomingMessage { IncomingMessage(kind: .reply) }
        func subscribe(
            _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
        ) async throws -> any AdapterSubscription {
            try await wrapped.subscribe(subscription, receiver: receiver)
        }
    }

    @Test func anAdapterIsChosenByName() throws {
        let bus = try MessageBus(
            options: ["mq_adapter": "scripted", "mq_scripted": "x"], adapters: [ScriptedAdapter.self])
        #expect(bus.adapter is ScriptedAdapter)
        let memory = try MessageBus(
            options: ["mq_adapter": "memory"], adapters: [MemoryAdapter.self, ScriptedAdapter.self])
        #expect(memory.adapter is MemoryAdapter)
    }

    @Test func aNameBelongsToOneAdapter() async throws {
        let error = try await expectError(.configuration) {
            try MessageBus(options: ["mq_adapter": "memory"], adapters: [ScriptedAdapter.self, Impostor.self])
        }
        #expect(error.message.contains("'scripted'"))
    }

    @Test func anUnknownNameListsTheKnownOnes() async throws {
        let error = try await expectError(.configuration) {
            try MessageBus(options: ["mq_adapter": "kafka"], adapters: [ScriptedAdapter.self])
        }
        #expect(error.message.contains("'kafka'"))
        #expect(error.message.contains("memory, scripted"))
    }

    @Test func optionsOfAnotherAdapterAreUnknown() async throws {
        try await expectError(.configuration) {
            try MessageBus(options: ["mq_adapter": "memory", "mq_scripted": "x"], adapters: [ScriptedAdapter.self])
        }
    }

    @Test func whatTheAdapterSaysOfItsOptionsIsPassedOn() async throws {
        let error = try await expectError(.configuration) {
            try MessageBus(
                options: ["mq_adapter": "scripted", "mq_scripted": "broken"], adapters: [ScriptedAdapter.self])
        }
        #expect(error.message.contains("mq_scripted"))
        let foreign = try await expectError(.configuration) {
            try MessageBus(options: ["mq_adapter": "scripted"], adapters: [Impostor.self])
        }
        #expect(foreign.cause is Impostor.ConnectError)
    }

    @Test func aContentTypeHasOneSerializer() async throws {
        try await expectError(.configuration) {
            try MessageBus(
                options: ["mq_adapter": "memory"], serializers: [FlippedSerializer(), FlippedSerializer()])
        }
    }

    @Test func busesKnowNothingOfEachOther() async throws {
        let buses = try (0..<3).map { _ in try MessageBus(options: ["mq_adapter": "memory"]) }
        for bus in buses { try await bus.start() }
        try await buses[0].requests("users") { $0.command("lock") { _, _ in } }
        try await buses[0].command("users/lock")
        try await expectError(.unroutable) { try await buses[1].command("users/lock") }
        await buses[0].stop()
        try await expectError(.unroutable) { try await buses[2].command("users/lock") }
        for bus in buses { await bus.stop() }
    }
}
