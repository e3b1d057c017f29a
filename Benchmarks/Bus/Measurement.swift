import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What one stretch of work costs this process, printed as a line of JSON.
struct Measurement {
    private let start = ContinuousClock.now
    private let usage = Measurement.usage()

    /// The line that the driver reads.
    private struct Report: Encodable {
        let count: Int
        let seconds: Double
        /// Rates are per second, times in microseconds, per message.
        let rate: Double
        let user: Double
        let system: Double
        let p50: Double?
        let p99: Double?
        /// In KiB: now, and at most since the process began.
        let resident: Int
        let residentPeak: Int
        /// How often a thread of the process went to sleep.
        let sleeps: Int
    }

    /// Prints what has passed since the beginning.
    /// - Parameters:
    ///   - count: How many messages that were.
    ///   - latencies: How long each of them took, if somebody looked.
    func report(count: Int, latencies: [Duration] = []) throws {
        let seconds = (ContinuousClock.now - start).inSeconds
        let end = Self.usage()
        let sorted = latencies.sorted()
        let perMessage = 1e6 / Double(max(count, 1))
        let report = Report(
            count: count, seconds: seconds, rate: Double(count) / seconds,
            user: (end.user - usage.user) * perMessage, system: (end.system - usage.system) * perMessage,
            p50: sorted.quantile(0.5), p99: sorted.quantile(0.99),
            resident: Self.status("VmRSS"), residentPeak: Self.status("VmHWM"), sleeps: end.sleeps - usage.sleeps)
        try printLine(JSONEncoder().encode(report))
    }

    private struct Usage {
        let user: Double
        let system: Double
        let sleeps: Int
    }

    private static func usage() -> Usage {
        var usage = rusage()
        // RUSAGE_SELF, which has another type on each system.
        getrusage(0, &usage)
        return Usage(
            user: Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6,
            system: Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6, sleeps: Int(usage.ru_nvcsw))
    }

    /// A line of Linux's status of the process in KiB; 0 elsewhere.
    private static func status(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
}

/// Prints a line at once: the driver waits for it.
func printLine(_ bytes: Data) throws {
    try FileHandle.standardOutput.write(contentsOf: bytes + Data("\n".utf8))
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension [Duration] {
    /// Of sorted times, in microseconds.
    fileprivate func quantile(_ share: Double) -> Double? {
        isEmpty ? nil : self[Swift.min(count - 1, Int(Double(count) * share))].inSeconds * 1e6
    }
}
