import MimiMessaging
import MimiMessagingTesting
import Testing

@Suite("An adapter that records")
struct RecordingAdapterTests {
    private let recording = RecordingAdapter()

    @Test("writes down what is sent, in order")
    func records() async throws {
        try await withMessageBus(MessageBus(adapter: recording, options: ["mq_namespace": "test."])) { bus in
            try await bus.command("users/lock", ["id": "b3cc"], headers: ["tenant": "blue"])
            try await bus.event("users#locked", ["id": "b3cc"])
        }
        let sent = recording.sent
        #expect(sent.map(\.target) == ["users/lock", "users#locked"])
        #expect(sent.map(\.kind) == [.command, .event])
        #expect(sent.map(\.destination) == ["test.users", "test.users"])
        #expect(sent[0]["id"] == "b3cc")
        #expect(sent[0]["other"] == nil)
        #expect(sent[0].headers["tenant"] == "blue")
        #expect(try sent[1].decode() == ["id": "b3cc"])
    }

    @Test("answers queries as a test wants it")
    func answers() async throws {
        recording.answer("orders/show", with: Message(["id": 123], headers: ["etag": "x"]))
        recording.answer("orders/count", with: ProcessingError(code: "closed", message: "come back later"))
        try await withMessageBus(MessageBus(adapter: recording)) { bus in
            let answer = try await bus.query("orders/show")
            #expect(answer["id"] == 123)
            #expect(answer.headers["etag"] == "x")
            let failure = await #expect(throws: MessagingError.self) { try await bus.query("orders/count") }
            #expect(failure?.code == .remote)
            #expect(failure?.remoteCode == "closed")
            let missing = await #expect(throws: MessagingError.self) { try await bus.query("orders/other") }
            #expect(missing?.code == .unroutable)
        }
    }

    @Test("fails as often as a test wants it")
    func fails() async throws {
        recording.fail("users/lock", with: MessagingError(.connection, "the link broke"), times: 2)
        recording.fail("users#locked", with: MessagingError(.rejected, "full"))
        try await withMessageBus(MessageBus(adapter: recording)) { bus in
            for _ in 1...2 {
                let error = await #expect(throws: MessagingError.self) { try await bus.command("users/lock") }
                #expect(error?.code == .connection)
            }
            try await bus.command("users/lock")
            for _ in 1...3 {
                let error = await #expect(throws: MessagingError.self) { try await bus.event("users#locked") }
                #expect(error?.code == .rejected)
            }
        }
        #expect(try await recording.waitForSent(6).count == 6)
    }

    @Test("records what processors of a real bus send")
    func around() async throws {
        let recording = RecordingAdapter(around: MemoryAdapter(broker: MemoryBroker()))
        recording.answer("stock/count", with: ["left": 0])
        try await withMessageBus(MessageBus(adapter: recording)) { bus in
            try await bus.requests("orders") { orders in
                orders.command("place") { message, _ in
                    if try await bus.query("stock/count")["left"] == 0 {
                        try await bus.event("orders#refused", message)
                    }
                }
            }
            try await bus.command("orders/place", ["id": 7])
            let sent = try await recording.waitForSent(3)
            #expect(sent.map(\.target) == ["orders/place", "stock/count", "orders#refused"])
            #expect(sent[2]["id"] == 7)
        }
    }

    @Test(
        "keeps the contract around an adapter that does", .serialized,
        arguments: AdapterConformance.cases(for: MemoryHarness().features))
    func conformance(_ testCase: ConformanceCase) async throws {
        try await testCase.run(on: MemoryHarness { RecordingAdapter(around: $0) })
    }
}
