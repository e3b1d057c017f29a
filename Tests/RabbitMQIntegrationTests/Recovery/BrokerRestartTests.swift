import Foundation
import MimiMessaging
import MimiMessagingTesting
import Testing

extension HarmedBrokerTests {
    @Test("that dies: calls wait or fail by their deadline, then all goes on") func killTwice() async throws {
        let broker = try await Self.broker.value
        let queue = TestBroker.uniqueName("restart")
        let (handled, heard) = (Journal<Int>(limit: .seconds(60)), Journal<Int>(limit: .seconds(60)))
        let service = try TestBroker.bus(["mq_rabbitmq_queue_type": "classic"], url: broker.url)
        try await service.requests(queue) { handlers in
            handlers.command("take") { message, _ in handled.note(try message["n"]) }
            handlers.query("ask") { message, _ in ["n": .integer(try message["n"])] }
        }
        try await service.events(queue, queue: queue + ".events") { events in
            events.event("seen") { message, _ in heard.note(try message["n"]) }
        }
        try await service.start()
        let client = try TestBroker.bus(url: broker.url)
        try await client.start()
        let command = try RequestTarget("\(queue)/take")
        try await client.command(command, ["n": 0])
        try await handled.wait(for: 1)

        for round in 1...2 {
            try await broker.control("kill")
            let start = ContinuousClock.now
            let error = await #expect(throws: MessagingError.self) {
                try await client.command(command, ["n": -1], timeout: .milliseconds(300))
            }
            #expect(error.map { [.timeout, .connection].contains($0.code) } == true)
            #expect(start.duration(to: .now) < .seconds(3))
            // It waits for the broker, within its deadline.
            async let waiting: Void = client.command(command, ["n": .integer(round)], timeout: .seconds(60))
            try await broker.control("restart")
            try await waiting
            try await client.event(EventTarget("\(queue)#seen"), ["n": .integer(round)], timeout: .seconds(30))
            let answer = try await client.query(
                RequestTarget("\(queue)/ask"), ["n": .integer(round)], timeout: .seconds(30))
            #expect(answer["n"] == .integer(round))
            // Also when the one that failed has arrived nevertheless.
            try await handled.wait { $0.contains(round) }
            try await heard.wait(for: round)
        }
        await client.stop()
        await service.stop()
    }
}
