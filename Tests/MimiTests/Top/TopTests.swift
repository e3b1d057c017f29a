import Foundation
import MimiMessaging
import Testing

@testable import mimi

extension ToolTests {
    @Suite("Watching queues", .timeLimit(.minutes(2)))
    struct TopTests {
        @Test func aQueueStandsWithItsDeadLettersAndRetries() throws {
            let queues = try JSONDecoder().decode(
                [ManagementQueue].self,
                from: Data(
                    #"""
                    [{"name": "orders", "messages_ready": 5, "messages_unacknowledged": 2, "consumers": 3,
                      "message_stats": {"publish_details": {"rate": 10.5}, "deliver_get_details": {"rate": 9}},
                      "head_message_timestamp": 1000},
                     {"name": "orders.dead", "messages_ready": 4}, {"name": "orders.retry.1000", "messages_ready": 1},
                     {"name": "orders.retry.5000", "messages_ready": 2}, {"name": "lonely.dead", "messages_ready": 9},
                     {"name": "x.retry.soon"}]
                    """#.utf8))
            let figures = QueueFigures.all(queues, chosen: [])
            #expect(figures.map(\.name) == ["lonely.dead", "orders", "x.retry.soon"])
            #expect(
                figures[1]
                    == QueueFigures(
                        name: "orders", ready: 5, held: 2, consumers: 3, incoming: 10.5, outgoing: 9,
                        oldestSentAt: 1000,
                        retrying: 3, dead: 4))
            // What the broker has not counted yet is not nothing.
            #expect(figures[2].ready == nil && figures[2].dead == nil)
            #expect(QueueFigures.all(queues, chosen: ["orders.dead"]).map(\.name) == ["orders.dead"])
        }

        @Test func withoutTheManagementAPIItShowsWhatAMQPTells() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let name = TestBroker.uniqueName("top")
            let bus = try TestBroker.bus()
            try await bus.requests(name) { $0.command("x") { _, _ in } }
            try await bus.start()
            await bus.stop(adapter: false)
            try await bus.command(RequestTarget("\(name)/x"))
            await bus.stop()
            let nowhere = "http://127.0.0.1:1"
            let top = try await tool.run("top", name, "--once", "--json", "--management", nowhere)
            struct Figures: Decodable, Equatable {
                let name: String
                let ready: Int
                let consumers: Int
                let dead: Int
            }
            #expect(try top.json(Figures.self) == [Figures(name: name, ready: 1, consumers: 0, dead: 0)])
            #expect(try await tool.run("top", "--once", "--management", nowhere).status == ExitStatus.data.rawValue)
            #expect(
                try await tool.run("top", name + "x", "--once", "--management", nowhere).status
                    == ExitStatus.unroutable.rawValue)
            let watching = try tool.start("top", name, "--interval", "0.1", "--management", nowhere)
            while watching.output.split(separator: "\n").count < 5 { try await pause() }
            watching.signal(SIGINT)
            #expect(await watching.end() == 0)
            try await remove(name)
        }

        @Test(.enabled(if: TestBroker.expectsManagement, "no broker with a management API was named"))
        func theManagementAPIShowsAllQueues() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let name = TestBroker.uniqueName("top")
            let bus = try TestBroker.bus()
            try await bus.requests(name) { $0.command("x") { _, _ in } }
            try await bus.start()
            let management = try TestBroker.requireManagement()
            while try await !tool.run("top", "--once", "--management", management).output.contains(name + " ") {
                try await pause()
            }
            #expect(
                try await tool.run("top", name + "x", "--once", "--management", management).status
                    == ExitStatus.unroutable.rawValue)
            await bus.stop()
            try await remove(name)
        }
    }
}
