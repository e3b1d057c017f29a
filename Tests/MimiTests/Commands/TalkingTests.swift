import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ
import Testing

@testable import mimi

extension ToolTests {
    @Suite("Sending, asking, listening, serving", .timeLimit(.minutes(2)))
    struct TalkingTests {
        @Test func eachKindOfFailureHasItsExitStatus() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("mimi")
            #expect(try await tool.run("command", "\(queue)/lock").status == ExitStatus.unroutable.rawValue)
            #expect(try await tool.run("command", "nonsense").status == ExitStatus.data.rawValue)
            #expect(try await tool.run("command", "a/b", "[1]").status == ExitStatus.data.rawValue)
            #expect(try await tool.run("command", "a/b", "@\(tool.home.path)/none").status == ExitStatus.data.rawValue)
            #expect(try await tool.run("command").status == ExitStatus.usage.rawValue)
            let usage = try await tool.run("command", "--json")
            #expect(usage.status == ExitStatus.usage.rawValue && usage.errors.hasPrefix(#"{"code":"usage""#))
            #expect(
                try await tool.run("command", "a/b", "-o", "mq_unknown=1").status == ExitStatus.configuration.rawValue)
            let closed = try await tool.run("command", "a/b", "--url", "amqp://guest:hidden@127.0.0.1:1", "--json")
            #expect(closed.status == ExitStatus.connection.rawValue)
            #expect(!closed.errors.contains("hidden"))
            #expect(closed.errors.contains(#""code":"connection""#) && closed.output.isEmpty)
        }

        @Test func anEventNeedsNobodyWhoListens() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let topic = TestBroker.uniqueName("mimi")
            let outcome = try await tool.run("event", "\(topic)#locked", #"{"id": 1}"#, "--json")
            #expect(outcome.status == 0)
            struct Sent: Decodable { let sent: Int }
            #expect(try outcome.json(Sent.self).map(\.sent) == [1])
            try await TestBroker.administer { try await $0.remove(topic: topic) }
        }

        @Test func aTemplateAnswersQueries() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("mimi")
            let server = try tool.start(
                "serve", queue, "--answer", #"{"id": "{{id}}", "total": 12}"#, "--count", "2", "--json")
            try await untilProcessed(queue)
            let answer = try await tool.run("query", "\(queue)/show", "-", "--json", input: #"{"id": 5}"#)
            #expect(answer.lines == [#"{"id":5,"total":12}"#])
            #expect(try await tool.run("command", "\(queue)/cancel", "-H", "tenant=x").status == 0)
            #expect(await server.end() == 0)
            #expect(server.output.contains(#""kind":"query""#) && server.output.contains(#""kind":"command""#))
            try await remove(queue)
        }

        @Test func aProgramAnswersQueriesAndItsFailureReachesTheAsker() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("mimi")
            let program = try tool.file(
                "program.sh",
                #"""
                read body
                [ "$MIMI_METHOD" = show ] || { echo "no $MIMI_METHOD here" >&2; exit 3; }
                printf '{"got": %s}' "$body"
                """#)
            let server = try tool.start("serve", queue, "--", "sh", program)
            try await untilProcessed(queue)
            #expect(
                try await tool.run("query", "\(queue)/show", #"{"id":5}"#, "--json").lines == [#"{"got":{"id":5}}"#])
            let failed = try await tool.run("query", "\(queue)/other")
            #expect(failed.status == ExitStatus.remote.rawValue)
            #expect(failed.errors.contains("remote(program_failed)") && failed.errors.contains("no other here"))
            server.signal(SIGTERM)
            #expect(await server.end() == 0)
            try await remove(queue)
        }

        @Test func aProgramNeedsNotReadTheBody() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("mimi")
            let server = try tool.start("serve", queue, "--count", "2", "--", "echo", "{}")
            try await untilProcessed(queue)
            // More than a pipe holds.
            let body = "{\"text\": \"\(String(repeating: "x", count: 1_000_000))\"}"
            for _ in 1...2 {
                #expect(try await tool.run("query", "\(queue)/show", "-", "--json", input: body).lines == ["{}"])
            }
            #expect(await server.end() == 0)
            try await remove(queue)
        }

        @Test func aReaderThatGoesAwayIsNoFailure() async throws {
            let tool = try Tool(url: nil)
            defer { tool.remove() }
            let reading = Pipe()
            try reading.fileHandleForReading.close()
            let event = try tool.start("event", "a#b", "--adapter", "memory", output: reading.fileHandleForWriting)
            #expect(await event.end() == 0)
        }

        @Test func aQueryThatNobodyAnswersTimesOut() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("mimi")
            let bus = try TestBroker.bus()
            try await bus.requests(queue) { $0.query("show") { _, _ in throw NACK() } }
            try await bus.start()
            let outcome = try await tool.run("query", "\(queue)/show", "--timeout", "0.2")
            #expect(outcome.status == ExitStatus.timeout.rawValue)
            await bus.stop()
            try await remove(queue)
        }

        @Test func linesOfStandardInputAreMessages() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("mimi")
            let server = try tool.start(
                "serve", queue, "--answer", "{}", "--count", "3", "--concurrency", "1", "--json")
            try await untilProcessed(queue)
            let outcome = try await tool.run(
                "command", "\(queue)/add", "--lines", input: "{\"n\":1}\n\n{\"n\":2}\n{\"n\":3}\n")
            #expect(outcome.lines.first?.hasPrefix("sent 3 ") == true)
            #expect(await server.end() == 0)
            let bodies = server.output.split(separator: "\n").compactMap { $0.firstMatch(of: /"n":(\d)/)?.1 }
            #expect(bodies == ["1", "2", "3"])
            let broken = try await tool.run("command", "\(queue)/add", "--lines", input: "{\"n\":1}\noops\n")
            #expect(broken.status == ExitStatus.data.rawValue && broken.errors.contains("line 2"))
            #expect(broken.errors.contains("1 were sent before this"))
            try await remove(queue)
        }

        @Test func eventsAreShownAsTheyCome() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let (topic, queue) = (TestBroker.uniqueName("mimi"), TestBroker.uniqueName("mimi"))
            // With a queue, what is published before it listens again is not lost, and what it does not show stays.
            let first = try tool.start("listen", topic, "--queue", queue, "--type", "locked")
            try await untilProcessed(queue)
            first.signal(SIGINT)
            #expect(await first.end() == 0)
            for number in 1...3 { try await tool.run("event", "\(topic)#locked", "{\"n\": \(number)}") }
            for number in 1...3 {
                let shown = try await tool.run("listen", topic, "--queue", queue, "--count", "1", "--json")
                #expect(shown.status == 0 && shown.lines.count == 1, "\(number)")
            }
            #expect(try await TestBroker.administer { try await $0.status(of: queue)?.messages } == 0)
            try await remove(queue)
            try await TestBroker.administer { try await $0.remove(topic: topic) }
        }

        @Test func theMemoryAdapterNeedsNoBroker() async throws {
            let tool = try Tool(url: nil)
            defer { tool.remove() }
            #expect(try await tool.run("event", "users#locked", "--adapter", "memory").status == 0)
            #expect(
                try await tool.run("command", "users/lock", "--adapter", "memory").status
                    == ExitStatus.unroutable.rawValue)
        }

        @Test func aContextIsUsedWhenNothingElseIsSaid() async throws {
            let tool = try Tool(url: nil)
            defer { tool.remove() }
            #expect(
                try await tool.run("context", "add", "here", "--url-from-stdin", input: TestBroker.url + "\n").status
                    == 0)
            #expect(try await tool.run("context", "add", "wrong", "--url", "amqp://u:secret@127.0.0.1:1").status == 0)
            let list = try await tool.run("context", "list", "--json")
            #expect(list.lines.count == 2 && !list.output.contains("secret") && !list.output.contains(":guest@"))
            let queue = TestBroker.uniqueName("mimi")
            #expect(try await tool.run("command", "\(queue)/x").status == ExitStatus.unroutable.rawValue)
            #expect(try await tool.run("context", "use", "wrong").status == 0)
            #expect(try await tool.run("command", "\(queue)/x").status == ExitStatus.connection.rawValue)
            #expect(try await tool.run("context", "remove", "wrong").status == 0)
            #expect(try await tool.run("context", "use", "wrong").status == ExitStatus.configuration.rawValue)
            #expect(
                try await tool.run("context", "add", "bad", "-o", "mq_port=x").status
                    == ExitStatus.configuration.rawValue)
        }
    }
}
