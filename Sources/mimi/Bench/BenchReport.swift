import Foundation
import Histogram

/// What a measurement found, for people, for machines and for comparing with it later.
struct BenchReport: Codable, Equatable, Sendable {
    /// How long one took, in microseconds.
    struct Latency: Codable, Equatable, Sendable {
        let p50: UInt64
        let p90: UInt64
        let p99: UInt64
        let p999: UInt64
        let max: UInt64
        let mean: Double

        init(_ histogram: Histogram<UInt64>) {
            p50 = histogram.valueAtPercentile(50)
            p90 = histogram.valueAtPercentile(90)
            p99 = histogram.valueAtPercentile(99)
            p999 = histogram.valueAtPercentile(99.9)
            max = histogram.maxRecorded
            mean = histogram.mean
        }
    }

    /// So many took so long.
    struct Bucket: Codable, Equatable, Sendable {
        let microseconds: UInt64
        let count: UInt64
    }

    let what: String
    let size: Int
    let concurrency: Int
    /// The rate that was asked for, in a second; nil for as fast as it goes.
    let wantedRate: Double?
    let startedAt: Date
    let count: Int
    let failures: [String: Int]
    let seconds: Double
    /// How many succeeded in a second.
    let rate: Double
    let latency: Latency
    let distribution: [Bucket]

    private enum CodingKeys: String, CodingKey {
        case what, size, concurrency, count, failures, seconds, rate, distribution
        case wantedRate = "wanted_rate"
        case startedAt = "started_at"
        case latency = "latency_us"
    }

    init(_ outcome: LoadGenerator.Outcome, what: String, size: Int, load: LoadGenerator, startedAt: Date) {
        self.what = what
        self.size = size
        self.startedAt = startedAt
        concurrency = load.concurrency
        wantedRate = load.rate
        count = Int(outcome.latencies.totalCount)
        failures = outcome.failures
        seconds = outcome.elapsed.inSeconds
        rate = Double(count) / max(seconds, 0.000_001)
        latency = Latency(outcome.latencies)
        distribution = outcome.latencies.recordedValues().map { Bucket(microseconds: $0.value, count: $0.count) }
    }

    /// Lines for people, beside an earlier measurement if there is one.
    func lines(comparedWith earlier: BenchReport?) -> [String] {
        let failed = failures.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
        let how =
            "\(size) bytes, \(concurrency) at a time" + (wantedRate.map { ", \(Units.decimal($0))/s wanted" } ?? "")
        var lines = [Style.bold(what) + "  " + how + (failed.isEmpty ? "" : Style.red("  failed: \(failed)"))]
        let rows: [(String, KeyPath<Latency, UInt64>)] = [
            ("p50", \.p50), ("p90", \.p90), ("p99", \.p99), ("p99.9", \.p999), ("max", \.max),
        ]
        guard let earlier else {
            var table = Table("COUNT", "PER SECOND", "P50", "P90", "P99", "P99.9", "MAX")
            table.append(
                String(count), Units.decimal(rate), Units.microseconds(latency.p50), Units.microseconds(latency.p90),
                Units.microseconds(latency.p99), Units.microseconds(latency.p999), Units.microseconds(latency.max))
            lines += table.lines
            return lines
        }
        var table = Table("", "BEFORE", "NOW", "CHANGE")
        table.append("per second", Units.decimal(earlier.rate), Units.decimal(rate), Self.change(earlier.rate, rate))
        for (name, path) in rows {
            let (before, now) = (earlier.latency[keyPath: path], latency[keyPath: path])
            table.append(
                name, Units.microseconds(before), Units.microseconds(now), Self.change(Double(before), Double(now)))
        }
        if earlier.what != what || earlier.size != size || earlier.concurrency != concurrency {
            lines.append(
                Style.yellow(
                    "The earlier one was \(earlier.what), \(earlier.size) bytes, \(earlier.concurrency) at a time."))
        }
        return lines + table.lines
    }

    static func change(_ before: Double, _ now: Double) -> String {
        guard before > 0 else { return "-" }
        let percent = (now / before - 1) * 100
        return (percent >= 0 ? "+" : "") + String(format: "%.1f%%", percent)
    }
}
