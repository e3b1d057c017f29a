internal import CRabbitMQ

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The moment by which an attempt to connect must be through.
struct Deadline {
    private let instant: MonotonicInstant

    /// `timeout` from now; a negative one is over at once.
    init(after timeout: Duration) {
        instant = .now + timeout
    }

    /// What is left, never negative.
    var remaining: Duration { max(.zero, instant - .now) }

    /// Whether nothing is left.
    var isOver: Bool { remaining == .zero }

    /// An equal share of what is left, for the first of `count` attempts.
    func share(of count: Int) -> Deadline { Deadline(after: remaining / max(1, count)) }
}

extension Duration {
    /// For `poll(2)`, rounded up so that nothing wakes too early; at most some weeks.
    var pollMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds < Int64(Int32.max) / 1000 else { return .max }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    /// For the library. Never zero, which it takes for "at once" here and "for ever" there.
    var asTimeval: timeval {
        let (seconds, attoseconds) = max(self, .milliseconds(1)).components
        return timeval(
            tv_sec: .init(clamping: min(seconds, 1_000_000_000)), tv_usec: .init(attoseconds / 1_000_000_000_000))
    }
}
