import Foundation
import MimiMessaging
import MimiMessagingTesting
import Testing

/// A processor and a caller of ours with a peer in another language, both ways, by the documented wire protocol alone.
@Suite(
    "A service in another language takes part",
    .enabled(if: PythonPeer.interpreter != nil, "MIMI_PYTHON names no Python with pika"))
struct InteroperabilityTests {
    private struct PeerReply: Decodable, Equatable {
        var type: String
        var body: [String: String]
        var code: String?
        var message: String?
    }

    private struct PeerCommand: Decodable {
        var command: String
        var body: [String: String]
        var id: String
    }

    private struct PeerEvent: Decodable, Equatable {
        var event: String
        var type: String
        var body: [String: String]
    }

    private let name = TestBroker.uniqueName("interop")

    private func bus() throws -> MessageBus { try TestBroker.bus() }

    @Test("it calls our processor", .timeLimit(.minutes(1))) func foreignCaller() async throws {
        let bus = try bus()
        let notes = Journal<String>()
        try await bus.requests(name) { handlers in
            handlers.command("note") { message, _ in notes.note(try message["text"]) }
            handlers.query("echo") { message, _ in ["heard": .string(try message["method"])] }
            handlers.query("fail") { _, _ in throw ProcessingError(code: "sold_out", message: "no tea") }
        }
        try await bus.start()
        let peer = try PythonPeer("call", name)
        var replies: [PeerReply] = []
        for try await line in peer.lines { replies.append(try JSONDecoder().decode(PeerReply.self, from: line)) }
        #expect(
            replies == [
                PeerReply(type: "reply", body: ["heard": "echo"]),
                PeerReply(type: "reply", body: [:], code: "sold_out", message: "no tea"),
            ])
        #expect(try await notes.wait(for: 1) == ["from afar"])
        await bus.stop()
        try await TestBroker.remove(queue: name, retryDelays: [20])
    }

    @Test("it answers our caller", .timeLimit(.minutes(1))) func foreignProcessor() async throws {
        let peer = try PythonPeer("serve", name)
        var lines = peer.lines.makeAsyncIterator()
        #expect(try await lines.next() == Data("\"ready\"".utf8))
        let bus = try bus()
        try await bus.start()
        try await bus.command(RequestTarget("\(name)/note"), ["text": "hello"])
        let line = try #require(try await lines.next())
        let command = try JSONDecoder().decode(PeerCommand.self, from: line)
        #expect(command.command == "note")
        #expect(command.body == ["text": "hello"])
        #expect(!command.id.isEmpty)
        let answer = try await bus.query(RequestTarget("\(name)/echo"), ["a": 1], timeout: .seconds(20))
        #expect(answer["echo"] == ["a": 1])
        #expect((try answer["timeout"] as Int) > 0)
        let error = await #expect(throws: MessagingError.self) { try await bus.query(RequestTarget("\(name)/fail")) }
        #expect(error?.code == .remote)
        #expect(error?.remoteCode == "sold_out")
        #expect(error?.message == "no tea")
        try peer.end()
        await bus.stop()
        try await TestBroker.remove(queue: name, retryDelays: [20])
    }

    @Test("it hears our events and we hear its", .timeLimit(.minutes(1))) func events() async throws {
        let bus = try bus()
        let heard = Journal<String>()
        try await bus.events(name) { events in
            events.event("locked") { message, _ in heard.note(try message["id"]) }
        }
        try await bus.start()
        for try await _ in try PythonPeer("publish", name).lines {}
        #expect(try await heard.wait(for: 1) == ["b3cc"])
        let peer = try PythonPeer("listen", name)
        var lines = peer.lines.makeAsyncIterator()
        #expect(try await lines.next() == Data("\"ready\"".utf8))
        try await bus.event(EventTarget("\(name)#unlocked"), ["id": "b3cc"])
        let line = try #require(try await lines.next())
        #expect(
            try JSONDecoder().decode(PeerEvent.self, from: line)
                == PeerEvent(event: "unlocked", type: "event", body: ["id": "b3cc"]))
        try peer.end()
        await bus.stop()
        try await TestBroker.remove(topic: name)
    }
}
