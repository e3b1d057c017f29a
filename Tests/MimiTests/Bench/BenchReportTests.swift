import Foundation
import Histogram
import MimiMessaging
import Testing

@testable import mimi

@Suite("Measuring", .timeLimit(.minutes(1)))
struct BenchReportTests {
    private func report(_ microseconds: [UInt64], failures: [String: Int] = [:]) -> BenchReport {
        var outcome = LoadGenerator.Outcome()
        for value in microseconds { outcome.latencies.record(value) }
        outcome.failures = failures
        outcome.elapsed = .seconds(2)
        return BenchReport(
            outcome, what: "command", size: 10, load: LoadGenerator(limit: .count(1), concurrency: 3, rate: nil),
            startedAt: Date(timeIntervalSince1970: 0))
    }

    @Test func percentilesAreThoseOfTheDistribution() throws {
        let report = report((1...1000).map { UInt64($0) })
        #expect(report.count == 1000 && report.rate == 500)
        #expect(report.latency.p50 == 500 && report.latency.p99 == 990 && report.latency.max == 1000)
        #expect(report.distribution.reduce(0) { $0 + $1.count } == 1000)
    }

    @Test func aKeptReportComesBackAsItWas() throws {
        let report = report([5, 7, 900], failures: ["timeout": 2])
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        #expect(try decoder.decode(BenchReport.self, from: Data(JSONOutput.line(report).utf8)) == report)
    }

    @Test func aComparisonSaysHowMuchChanged() {
        let lines = report([200, 200]).lines(comparedWith: report([100, 100]))
        #expect(
            lines.contains {
                $0.contains("p50") && $0.contains("100 µs") && $0.contains("200 µs") && $0.contains("+100.0%")
            })
        #expect(lines.contains { $0.contains("per second") && $0.contains("+0.0%") })
        #expect(BenchReport.change(0, 5) == "-")
    }

    @Test func whatFailedIsSaid() {
        #expect(report([1], failures: ["timeout": 2]).lines(comparedWith: nil)[0].contains("failed: 2 × timeout"))
    }

    @Test func thePictureHasACurveForEachMeasurement() throws {
        let svg = LatencyPicture(curves: [("now", report([10, 100, 5000])), ("before", report([20, 30]))]).svg
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
        #expect(svg.components(separatedBy: "<polyline").count == 3)
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        let parser = XMLShape(svg)
        #expect(parser.isBalanced)
    }

    @Test func aPictureOfNothingIsStillOne() {
        let svg = LatencyPicture(curves: [("now", report([]))]).svg
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    @Test func rareLatenciesStandFurtherToTheRight() {
        let points = LatencyPicture.points(report(Array(repeating: 10, count: 99) + [5000]))
        #expect(points.count == 2)
        #expect(points[0].rarity == 0 && abs(points[1].rarity - 2) < 0.001)
    }

    @Test func aLoadOfSoManyRunsEachTurnOnce() async throws {
        let turns = Lock<[Int]>([])
        let outcome = try await LoadGenerator(limit: .count(500), concurrency: 7, rate: nil).run(done: {}) { turn in
            turns.withLock { $0.append(turn) }
            if turn % 100 == 0 { throw MessagingError(.timeout, "too late") }
        }
        #expect(turns.withLock { $0.sorted() } == Array(0..<500))
        #expect(outcome.latencies.totalCount == 495 && outcome.failures == ["timeout": 5])
    }

    @Test func atARateWhatWaitsForASlowOneIsSlowToo() async throws {
        // One at a time, every 10 ms, the first takes 300 ms: those behind it began late.
        let outcome = try await LoadGenerator(limit: .count(10), concurrency: 1, rate: 100).run(done: {}) { turn in
            if turn == 0 { try await Task.sleep(for: .milliseconds(300)) }
        }
        #expect(outcome.latencies.min > 150_000)
    }
}

/// Whether each element of a document is closed.
private struct XMLShape {
    let isBalanced: Bool

    init(_ text: String) {
        var open = 0
        for tag in text.matches(of: /<(\/?)[a-z]+[^>]*?(\/?)>/) {
            open += tag.1.isEmpty ? (tag.2.isEmpty ? 1 : 0) : -1
        }
        isBalanced = open == 0
    }
}
