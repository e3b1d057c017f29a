import Foundation

/// What a run does, from the environment; the same names for every peer (see README.md of the benchmarks).
struct Settings {
    let port = Settings.integer("BENCH_PORT", 5672)
    /// How many messages are measured.
    let count = Settings.integer("BENCH_COUNT", 50_000)
    /// How many go before them, unmeasured.
    let warmUp: Int
    /// How many are under way at a time.
    let outstanding = Settings.integer("BENCH_OUTSTANDING", 500)
    /// The size of a body in bytes.
    let bodySize = Settings.integer("BENCH_BODY", 256)
    let queue = Settings.text("BENCH_QUEUE") ?? "bench.classic"
    /// Publishes events to this topic instead of commands to the queue.
    let topic = Settings.text("BENCH_TOPIC")
    let prefetch = Settings.integer("BENCH_PREFETCH", 200)
    /// How many messages one call confirms; 1 for a call each.
    let batch = Settings.integer("BENCH_BATCH", 1)

    init() { warmUp = Self.integer("BENCH_WARMUP", count / 10) }

    private static func text(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func integer(_ name: String, _ standard: Int) -> Int { text(name).flatMap { Int($0) } ?? standard }
}
