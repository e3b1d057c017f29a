import Foundation

/// Latencies over percentiles as a picture: the further to the right, the rarer. The scale of both axes is logarithmic.
struct LatencyPicture {
    /// The measurements and what they are called; two at most have colours of their own.
    let curves: [(name: String, report: BenchReport)]

    private static let width = 800.0
    private static let height = 420.0
    private static let left = 80.0
    private static let right = 24.0
    private static let top = 48.0
    private static let bottom = 56.0
    private static let colors = ["#0b6e99", "#c2571a"]

    /// The picture, an SVG document.
    var svg: String {
        let values = curves.flatMap { $0.report.distribution.map(\.microseconds) }
        let lowest = Double(max(1, values.min() ?? 1))
        let highest = max(Double(values.max() ?? 10), lowest * 1.01)
        let nines = max(1, curves.map { log10(Double(max(10, $0.report.count))) }.max() ?? 1)
        func x(_ rarity: Double) -> Double {
            Self.left + min(rarity, nines) / nines * (Self.width - Self.left - Self.right)
        }
        func y(_ value: Double) -> Double {
            let share = (log10(max(value, lowest)) - log10(lowest)) / (log10(highest) - log10(lowest))
            return Self.height - Self.bottom - share * (Self.height - Self.top - Self.bottom)
        }
        var parts = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Int(Self.width)) \#(Int(Self.height))" font-family="sans-serif" font-size="12">"#,
            #"<rect width="100%" height="100%" fill="white"/>"#,
            text(Self.left, 24, curves.first.map { title($0.report) } ?? "", "start", size: 15),
        ]
        for exponent in 0...Int(nines) {
            let percentile = exponent == 0 ? 0 : 100 - 100 / pow(10, Double(exponent))
            parts.append(line(x(Double(exponent)), Self.top, x(Double(exponent)), Self.height - Self.bottom))
            parts.append(
                text(x(Double(exponent)), Self.height - Self.bottom + 18, Self.short(percentile) + " %", "middle"))
        }
        for value in Self.marks(from: lowest, to: highest) {
            parts.append(line(Self.left, y(value), Self.width - Self.right, y(value)))
            parts.append(text(Self.left - 8, y(value) + 4, Units.microseconds(UInt64(value)), "end"))
        }
        parts.append(text(Self.width / 2, Self.height - 12, "share of messages that were at least as fast", "middle"))
        for (index, curve) in curves.enumerated() {
            let color = Self.colors[index % Self.colors.count]
            let points = Self.points(curve.report).map { String(format: "%.1f,%.1f", x($0.rarity), y($0.value)) }
            parts.append(
                #"<polyline fill="none" stroke="\#(color)" stroke-width="2" points="\#(points.joined(separator: " "))"/>"#
            )
            if curves.count > 1 {
                parts.append(
                    text(Self.width - Self.right, 18 + Double(index) * 16, curve.name, "end", color: color))
            }
        }
        return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    /// Where a curve goes: for each latency how rare a longer one is, as the number of nines.
    static func points(_ report: BenchReport) -> [(rarity: Double, value: Double)] {
        let total = max(1, report.distribution.reduce(0.0) { $0 + Double($1.count) })
        var below = 0.0
        return report.distribution.map { bucket in
            let rarity = -log10(max(1 - below / total, 1 / total))
            below += Double(bucket.count)
            return (rarity, Double(bucket.microseconds))
        }
    }

    /// 1, 2 and 5 times the powers of ten between two values; the powers alone where that would be too many.
    static func marks(from lowest: Double, to highest: Double) -> [Double] {
        let exponents = Int(log10(lowest).rounded(.down))...Int(log10(highest).rounded(.up))
        let factors: [Double] = exponents.count > 4 ? [1] : [1, 2, 5]
        return exponents.flatMap { exponent in factors.map { $0 * pow(10, Double(exponent)) } }
            .filter { $0 >= lowest && $0 <= highest }
    }

    private func title(_ report: BenchReport) -> String {
        "\(report.what): \(Units.decimal(report.rate))/s, \(report.size) bytes, \(report.concurrency) at a time"
    }

    private static func short(_ percentile: Double) -> String {
        var text = String(format: "%.4f", percentile)
        while text.hasSuffix("0") { text.removeLast() }
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
        String(format: #"<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="lightgray"/>"#, x1, y1, x2, y2)
    }

    private func text(
        _ x: Double, _ y: Double, _ content: String, _ anchor: String, size: Int = 12, color: String = "#333333"
    ) -> String {
        let place = String(format: #"x="%.1f" y="%.1f""#, x, y)
        let escaped = content.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        return #"<text \#(place) text-anchor="\#(anchor)" font-size="\#(size)" fill="\#(color)">\#(escaped)</text>"#
    }
}
