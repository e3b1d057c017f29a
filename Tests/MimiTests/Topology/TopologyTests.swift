import Foundation
import MimiMessaging
import Testing

@testable import MimiMessagingRabbitMQ
@testable import mimi

extension ToolTests {
    @Suite("Topology", .timeLimit(.minutes(2)))
    struct TopologyTests {
        /// A service that takes requests, and events with and without a queue.
        private func service(_ name: String, _ options: [String: OptionValue] = [:]) async throws -> MessageBus {
            let bus = try TestBroker.bus(options)
            try await bus.requests(name) { $0.command("x") { _, _ in } }
            try await bus.events(
                name + ".topic", queue: name + ".events", options: ProcessorOptions(isSingleActive: true)
            ) {
                $0.event("x") { _, _ in }
            }
            try await bus.events(name + ".topic") { $0.event("x") { _, _ in } }
            return bus
        }

        private func removeService(_ name: String) async throws {
            try await remove(name)
            try await remove(name + ".events")
            try await TestBroker.administer { try await $0.remove(topic: name + ".topic") }
        }

        @Test func aDescriptionComesBackAsItWas() async throws {
            let topology = try await service("orders", ["mq_namespace": "shop.", "mq_retry_max_attempts": 2]).topology
            #expect(try JSONDecoder().decode(BusTopology.self, from: Data(topology.description.utf8)) == topology)
            #expect(topology.processors.map(\.queue) == ["shop.orders", "shop.orders.events", nil])
            #expect(topology.processors.map(\.topic) == [nil, "shop.orders.topic", "shop.orders.topic"])
            #expect(topology.processors[0].retryDelays == [20] && topology.processors[1].isSingleActive)
            #expect(topology.options == ["mq_rabbitmq_queue_type": "quorum", "mq_rabbitmq_delivery_limit": "50"])
        }

        @Test func itCanBeDrawn() async throws {
            let graph = TopologyGraph(try await service("orders", ["mq_retry_max_attempts": 2]).topology)
            #expect(graph.nodes.count == 8)
            #expect(
                graph.mermaid == """
                    flowchart LR
                        n0[("orders")]
                        n1(["processor 1"])
                        n2[/"orders.dead"/]
                        n3{{"orders.topic"}}
                        n4[("orders.events")]
                        n5(["processor 2"])
                        n6[/"orders.events.dead"/]
                        n7(["processor 3"])
                        n0 --> n1
                        n0 -->|"again after 20.0 ms"| n0
                        n0 --> n2
                        n3 --> n4
                        n4 -->|"one at a time"| n5
                        n4 -->|"again after 20.0 ms"| n4
                        n4 --> n6
                        n3 -->|"each instance"| n7
                    """)
            #expect(
                graph.dot.hasPrefix("digraph topology {") && graph.dot.contains("n3 -> n7 [label=\"each instance\"];"))
        }

        @Test func whatIsMissingIsSaidDeclaredAndThenThere() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let name = TestBroker.uniqueName("topology")
            let file = try tool.file("topology.json", try await service(name).topology.description)
            let before = try await tool.run("topology", "check", file)
            #expect(before.status == ExitStatus.problems.rawValue)
            #expect(
                before.output.contains("missing  queue \(name):")
                    && before.output.contains("missing  exchange \(name).topic:"))
            #expect(
                try await tool.run("topology", "apply", file, "--dry-run").output.contains(
                    "would be declared: queue \(name)\n"))
            #expect(try await tool.run("topology", "check", file).output == before.output)
            #expect(try await tool.run("topology", "apply", file).output.contains("declared: queue \(name)\n"))
            // What cannot be seen without the management API is not counted as seen.
            let check = try await tool.run("topology", "check", file, "--management", "http://127.0.0.1:1")
            let needed = try await service(name).topology
            let seen = try await TestBroker.administer { try await $0.inspect(needed) }.count { $0.kind != .binding }
            #expect(check.status == 0 && check.output == "\(seen) things, all as they should be\n")
            // What the tool has declared is what the service wants.
            let bus = try await service(name)
            try await bus.start()
            await bus.stop()
            try await removeService(name)
        }

        @Test func whatIsDifferentIsExplainedAndLeftAlone() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let name = TestBroker.uniqueName("topology")
            let bus = try await service(name, ["mq_rabbitmq_queue_type": "classic"])
            try await bus.start()
            let file = try tool.file("topology.json", try await service(name).topology.description)
            let check = try await tool.run("topology", "check", file, "--json")
            #expect(check.status == ExitStatus.problems.rawValue)
            #expect(
                check.lines.contains {
                    $0.contains(#""name":"\#(name)""#) && $0.contains(#""state":"different""#)
                        && $0.contains("inequivalent arg")
                })
            #expect(try await tool.run("topology", "apply", file).status == ExitStatus.problems.rawValue)
            await bus.stop()
            try await removeService(name)
        }

        @Test(.enabled(if: TestBroker.expectsManagement, "no broker with a management API was named"))
        func theManagementAPIKnowsBindingsAndOrphans() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let name = TestBroker.uniqueName("topology")
            let old = try await service(name, ["mq_retry_max_attempts": 3, "mq_retry_delays": "30s,1s"])
            try await old.start()
            await old.stop()
            let file = try tool.file(
                "topology.json",
                try await service(name, ["mq_retry_max_attempts": 2, "mq_retry_delays": "1s"]).topology.description)
            let management = try TestBroker.requireManagement()
            var check = try await tool.run("topology", "check", file, "--management", management, "--json")
            // Its statistics come late.
            while !check.output.contains(#""orphan""#) {
                try await pause()
                check = try await tool.run("topology", "check", file, "--management", management, "--json")
            }
            #expect(check.lines.contains { $0.contains("\(name).retry.30000") && $0.contains(#""orphan""#) })
            try await removeService(name)
        }

        @Test func orphansAreOldRetriesAndQueuesThatFill() throws {
            let queues = try JSONDecoder().decode(
                [ManagementQueue].self,
                from: Data(
                    #"""
                    [{"name": "orders"}, {"name": "orders.retry.1000"}, {"name": "orders.retry.9", "messages_ready": 3},
                     {"name": "forgotten", "consumers": 0, "messages_ready": 7}, {"name": "quiet", "consumers": 0, "messages_ready": 0},
                     {"name": "busy", "consumers": 1, "messages_ready": 7}, {"name": "else", "consumers": 0, "messages_ready": 7}]
                    """#.utf8))
            let bindings = try JSONDecoder().decode(
                [ManagementBinding].self,
                from: Data(
                    ("["
                        + ["forgotten", "quiet", "busy"].map {
                            #"{"source": "shop", "destination": "\#($0)", "destination_type": "queue", "arguments": {}}"#
                        }.joined(separator: ",") + "]").utf8))
            func needed(_ kind: TopologyFinding.Kind, _ name: String, _ details: [String: String] = [:])
                -> TopologyFinding
            {
                TopologyFinding(kind: kind, name: name, exchange: nil, details: details, state: .present)
            }
            let orphans = TopologyComparison.orphans(
                [
                    needed(.queue, "orders"), needed(.queue, "orders.retry.1000"),
                    needed(.exchange, "shop", ["type": "fanout"]),
                ],
                queues, bindings)
            #expect(orphans.map(\.name) == ["orders.retry.9", "forgotten"])
            #expect(TopologyDifference.status(orphans) == .warnings)
        }

        @Test func bindingsAreToldApart() {
            let finding = TopologyFinding(
                kind: .binding, name: "orders.dead", exchange: "orders.dead",
                details: ["x-match": "any-with-x", "x-first-death-reason": "maxlen"], state: .missing)
            #expect(
                TopologyDifference(finding).name == "orders.dead → orders.dead (x-first-death-reason: maxlen)")
        }

        @Test func aFileThatIsNoDescriptionIsRefused() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let file = try tool.file("x.json", "{}")
            #expect(try await tool.run("topology", "show", file).status == ExitStatus.data.rawValue)
            #expect(
                try await tool.run("topology", "check", tool.home.path + "/none").status == ExitStatus.data.rawValue)
        }
    }
}
