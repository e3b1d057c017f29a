import Foundation
import MimiMessaging
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ
@testable import mimi

/// How many messages the killed replay has, if more than usual.
private let replayedMessages = ProcessInfo.processInfo.environment["MIMI_REPLAY_MESSAGES"].flatMap(Int.init)

extension ToolTests {
    @Suite("Dead letters", .timeLimit(.minutes(replayedMessages == nil ? 3 : 30)))
    struct DeadTests {
        private struct Group: Decodable, Equatable {
            let error: String
            let method: String?
            let count: Int
        }

        /// Fills the dead letters of a queue: `count` that failed with each code, by a service that cannot do better.
        private func fill(_ queue: String, _ codes: [String: Int]) async throws {
            let bus = try TestBroker.bus()
            try await bus.requests(queue) { requests in
                for code in codes.keys {
                    requests.command(code) { _, _ in throw ProcessingError(code: code, message: "it is \(code)") }
                }
            }
            try await bus.start()
            try await withThrowingTaskGroup { group in
                for (code, count) in codes {
                    group.addTask {
                        for number in 1...count {
                            try await bus.command(
                                RequestTarget("\(queue)/\(code)"), ["n": .integer(number)], headers: ["h": "v"])
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await untilDead(queue, codes.values.reduce(0, +))
            await bus.stop()
        }

        @Test func theyAreGroupedShownAndStay() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("dead")
            try await fill(queue, ["empty": 3, "late": 1])
            let list = try await tool.run("dead", "list", queue, "--json")
            #expect(
                try list.json(Group.self) == [
                    Group(error: "empty", method: "empty", count: 3), Group(error: "late", method: "late", count: 1),
                ])
            let peek = try await tool.run("dead", "peek", queue, "--error", "late")
            #expect(
                peek.output.contains("late: it is late") && peek.output.contains(#"{"n":1}"#)
                    && peek.output.contains("h: v"))
            // Looked at as often as anybody likes: they stay.
            for _ in 1...3 { #expect(try await tool.run("dead", "list", queue, "--json").output == list.output) }
            #expect(
                try await tool.run("dead", "replay", queue, "--dry-run", "--contains", "it is e").lines.first?
                    .hasPrefix(
                        "3 ") == true)
            try await remove(queue)
        }

        @Test func whatIsReplayedIsAsItWasSent() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("dead")
            try await fill(queue, ["empty": 2, "late": 2])
            #expect(
                try await tool.run("dead", "replay", queue, "--error", "late", "--limit", "1").lines.first?.hasPrefix(
                    "replayed 1 ") == true)
            #expect(try await TestBroker.administer { try await $0.deadLetterStatus(of: queue)?.messages } == 3)
            #expect(
                try await tool.run("dead", "replay", queue, "--rate", "50").lines.first?.hasPrefix("replayed 3 ")
                    == true)
            let server = try await tool.run("serve", queue, "--answer", "{}", "--count", "4", "--json")
            #expect(server.lines.count == 4 && server.lines.allSatisfy { $0.contains(#""attempt":1"#) })
            #expect(try await tool.run("dead", "list", queue).output == "no dead letters of \(queue)\n")
            try await remove(queue)
        }

        @Test func theyCanBeMendedInAFile() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("dead")
            try await fill(queue, ["empty": 3])
            let file = tool.home.appendingPathComponent("letters.jsonl").path
            #expect(try await tool.run("dead", "export", queue, "-f", file).status == 0)
            #expect(try await tool.run("dead", "export", queue, "-f", file).status == ExitStatus.data.rawValue)
            #expect(try await tool.run("dead", "drop", queue).status == ExitStatus.data.rawValue)
            #expect(try await tool.run("dead", "drop", queue, "--yes").lines.first?.hasPrefix("dropped 3 ") == true)
            let mended = try String(contentsOfFile: file, encoding: .utf8).replacingOccurrences(
                of: #"\"n\":2"#, with: #"\"n\":22"#)
            // After an interruption it goes on where it was.
            let broken = try await tool.run(
                "dead", "import", queue,
                input: mended.split(separator: "\n").prefix(2).joined(separator: "\n") + "\noops\n"
            )
            #expect(broken.status == ExitStatus.data.rawValue && broken.errors.contains("--skip 2"))
            #expect(
                try await tool.run("dead", "import", queue, "--skip", "2", input: mended).lines.first?.hasPrefix(
                    "imported 1 ") == true)
            let peek = try await tool.run("dead", "peek", queue, "--json")
            #expect(peek.lines.count == 3 && peek.output.contains(#""n":22"#))
            try await remove(queue)
        }

        @Test func aReplayWithoutAQueueLosesNothing() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("dead")
            try await fill(queue, ["empty": 5])
            try await TestBroker.administer { administration in
                _ = try await administration.onChannel { try await $0.deleteQueue(queue) }
            }
            #expect(try await tool.run("dead", "replay", queue).status == ExitStatus.unroutable.rawValue)
            #expect(try await TestBroker.administer { try await $0.deadLetterStatus(of: queue)?.messages } == 5)
            try await remove(queue)
        }

        @Test(arguments: ["list", "import"]) func unknownQueuesAreNoEmptyOnes(_ verb: String) async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("dead")
            let outcome = try await tool.run("dead", verb, queue)
            #expect(outcome.status == ExitStatus.unroutable.rawValue && outcome.errors.contains("[\(queue)]"))
        }

        /// Kills the replay in the middle of its work again and again. `MIMI_REPLAY_MESSAGES` makes it longer.
        @Test func aReplayThatIsKilledLosesNothing() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let queue = TestBroker.uniqueName("dead")
            let count = replayedMessages ?? 1000
            let input = (1...count).map { number in
                #"{"body":"{\"n\":\#(number)}","content_type":"application/json","delivery_mode":2,"headers":[{"name":"__method","value":"add"},{"name":"__error_code","value":"boom"}],"message_id":"m\#(number)","type":"command"}"#
            }.joined(separator: "\n")
            let bus = try TestBroker.bus()
            let seen = Lock<[Int: Int]>([:])
            try await bus.requests(queue) { requests in
                requests.command("add") { message, _ in
                    let number: Int = try message["n"]
                    seen.withLock { $0[number, default: 0] += 1 }
                }
            }
            try await bus.start()
            #expect(try await tool.run("dead", "import", queue, input: input).status == 0)
            var kills = 0
            for round in 1...5 {
                let replay = try tool.start("dead", "replay", queue, "--rate", "\(count)")
                while replay.isRunning, seen.withLock({ $0.count }) < count * round / 7 { try await pause() }
                replay.signal(SIGKILL)
                if await replay.end() == SIGKILL { kills += 1 }
            }
            // What the killed ones held comes back when the broker has noticed their end.
            while seen.withLock({ $0.count }) < count {
                #expect(try await tool.run("dead", "replay", queue).status == 0)
            }
            await bus.stop()
            let twice = seen.withLock { $0.values.count { $0 > 1 } }
            print("replayed \(count) dead letters with \(kills) kills: \(twice) came more than once, none was lost")
            #expect(kills == 5)
            #expect(seen.withLock { Set($0.keys) } == Set(1...count))
            #expect(try await TestBroker.administer { try await $0.deadLetterStatus(of: queue)?.messages } == 0)
            try await remove(queue)
        }
    }
}
