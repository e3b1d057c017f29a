import Synchronization

/// Tells when so many messages have been handled, and measures from the end of the warm-up on.
final class Countdown: Sendable {
    private struct State {
        var seen = 0
        var measurement: Measurement?
    }

    private let warmUp: Int
    private let total: Int
    private let state = Mutex(State())
    private let end = AsyncStream<Void>.makeStream()

    init(_ settings: Settings) {
        warmUp = settings.warmUp
        total = settings.warmUp + settings.count
    }

    /// One more was handled.
    func step() {
        let isLast = state.withLock { state in
            state.seen += 1
            if state.seen == warmUp || state.measurement == nil && warmUp == 0 { state.measurement = Measurement() }
            return state.seen == total
        }
        if isLast { end.continuation.finish() }
    }

    /// Returns after the last one, with what they cost printed.
    func finish() async throws {
        for await _ in end.stream {}
        try state.withLock { $0.measurement }?.report(count: total - warmUp)
    }
}
