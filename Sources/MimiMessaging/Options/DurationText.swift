/// Spans of time as people write them in options.
enum DurationText {
    /// Longer times are mistakes, and would overflow timers.
    static let maximum = Duration.seconds(366 * 24 * 3600)

    private static let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]

    /// `15`, `1.5`, `250ms`, `15s`, `2m`, `1h`; nil for anything else.
    static func parse(_ text: String) -> Duration? {
        let text = text.trimmingSpaces
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let number = Double(text.dropLast(unit.suffix.count).trimmingSpaces) else { return nil }
            return seconds(number * unit.seconds)
        }
        return Double(text).flatMap(seconds)
    }

    /// Whole milliseconds; nil for what is no time.
    static func seconds(_ number: Double) -> Duration? {
        guard number.isFinite, number >= 0, number <= Double(maximum.components.seconds) else { return nil }
        return .milliseconds(Int64((number * 1000).rounded()))
    }
}
