import ArgumentParser
import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ
import Testing

@testable import mimi

extension ToolTests {
    @Suite("Benchmarks", .timeLimit(.minutes(2)))
    struct BenchTests {
        @Test(arguments: ["command", "query", "event", "process"])
        func eachMeasuresAndLeavesNothing(_ kind: String) async throws {
            let tool = try Tool(namespace: TestBroker.uniqueName("bench") + ".")
            defer { tool.remove() }
            let outcome = try await tool.run("bench", kind, "--count", "300", "--json")
            #expect(outcome.status == 0, "\(outcome.errors)")
            struct Report: Decodable { let count: Int }
            #expect(try outcome.json(Report.self).map(\.count) == [300])
        }

        @Test func aMeasurementOfFailuresFails() async throws {
            let tool = try Tool()
            defer { tool.remove() }
            let target = TestBroker.uniqueName("bench") + "/ping"
            let outcome = try await tool.run("bench", "query", "--target", target, "--count", "10")
            #expect(outcome.status == ExitStatus.failure.rawValue)
            #expect(outcome.output.contains("failed: 10 × unroutable"))
        }

        @Test func aQueueOfAMeasurementIsRemoved() async throws {
            let place = BenchPlace()
            let connection = try ConnectionOptions.parse(["--url", TestBroker.url])
            _ = try? await place.run(connection) { bus in
                try await bus.requests(place.queue, options: BenchPlace.processorOptions(concurrency: 1)) {
                    $0.command("run") { _, _ in }
                }
            } _: { _ in
                #expect(try await TestBroker.administer { try await $0.status(of: place.queue)?.consumers } == 1)
                throw MessagingError(.timeout, "on purpose")
            }
            #expect(try await TestBroker.administer { try await $0.status(of: place.queue) } == nil)
            #expect(try await TestBroker.administer { try await $0.deadLetterStatus(of: place.queue) } == nil)
        }

        @Test func resultsAreKeptComparedAndDrawn() async throws {
            let tool = try Tool(url: nil)
            defer { tool.remove() }
            let (kept, picture) = (tool.home.path + "/kept.json", tool.home.path + "/picture.svg")
            let common = ["bench", "query", "--adapter", "memory", "--count", "100"]
            #expect(try await tool.run(common + ["--save", kept]).status == 0)
            let second = try await tool.run(common + ["--compare", kept, "--svg", picture])
            #expect(second.output.contains("BEFORE") && second.output.contains("p99.9"))
            #expect(try String(contentsOfFile: picture, encoding: .utf8).hasPrefix("<svg "))
            #expect(try await tool.run(common + ["--compare", picture]).status == ExitStatus.data.rawValue)
        }
    }
}
