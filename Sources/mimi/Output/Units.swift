import Foundation

extension Duration {
    /// The span in seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// Counts, spans and points of time as the tool shows them.
enum Units {
    /// `850 µs`, `12.3 ms`, `4.56 s`.
    static func microseconds(_ value: UInt64) -> String {
        switch value {
        case ..<1000: "\(value) µs"
        case ..<1_000_000: decimal(Double(value) / 1000) + " ms"
        default: decimal(Double(value) / 1_000_000) + " s"
        }
    }

    /// `1 attempt`, `2 attempts`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// `20.0 ms`, `1.00 s`, `600 s`.
    static func milliseconds(_ value: Int) -> String {
        value < 1000 ? decimal(Double(value)) + " ms" : decimal(Double(value) / 1000) + " s"
    }

    /// Whether a number from outside is a time that a calendar knows: before the year 10000.
    static func isDate(_ seconds: Int) -> Bool { (0..<253_402_300_800).contains(seconds) }

    /// How long ago a time in seconds since 1970 is: `12 s`, `5 min`, `3 h`, `2 d`; `-` for none.
    static func age(since seconds: Int?, now: Date = .now) -> String {
        guard let seconds, isDate(seconds) else { return "-" }
        let age = max(0, Int(now.timeIntervalSince1970) - seconds)
        return switch age {
        case ..<120: "\(age) s"
        case ..<7200: "\(age / 60) min"
        case ..<172_800: "\(age / 3600) h"
        default: "\(age / 86_400) d"
        }
    }

    /// `2026-03-14 15:09:26Z`; `-` for none that can be.
    static func time(_ seconds: Int?) -> String {
        guard let seconds, isDate(seconds) else { return "-" }
        return Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601.dateTimeSeparator(.space))
    }

    /// Three digits that mean something.
    static func decimal(_ value: Double) -> String {
        let digits = value < 10 ? 2 : value < 100 ? 1 : 0
        return String(format: "%.\(digits)f", value)
    }
}
