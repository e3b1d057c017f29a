#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A point in time of the clock that goes on while the machine sleeps, as `ContinuousClock.Instant` is.
///
/// Unlike that, it has a layout that the compiler knows, so that what holds one can be copied without asking the
/// runtime how: each message of a connection has a deadline.
package struct MonotonicInstant: InstantProtocol, Sendable {
    private let sinceBoot: Duration

    private init(sinceBoot: Duration) { self.sinceBoot = sinceBoot }

    package static var now: MonotonicInstant {
        var time = timespec()
        #if canImport(Darwin)
        unsafe clock_gettime(CLOCK_MONOTONIC_RAW, &time)
        #else
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        #endif
        return MonotonicInstant(sinceBoot: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec))
    }

    package func advanced(by duration: Duration) -> MonotonicInstant {
        MonotonicInstant(sinceBoot: sinceBoot + duration)
    }

    package func duration(to other: MonotonicInstant) -> Duration { other.sinceBoot - sinceBoot }

    package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool { left.sinceBoot < right.sinceBoot }

    package static func + (instant: MonotonicInstant, duration: Duration) -> MonotonicInstant {
        instant.advanced(by: duration)
    }

    package static func - (end: MonotonicInstant, start: MonotonicInstant) -> Duration { start.duration(to: end) }
}
