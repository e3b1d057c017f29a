/// The time that a bus and its adapter live by, whatever clock is behind it.
///
/// A service uses ``continuous``. A test wraps a clock of its own, moves it by hand, and never sleeps.
public struct MessagingClock: Clock {
    /// A point in time: the distance from where the clock started.
    public struct Instant: InstantProtocol {
        let offset: Duration

        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }

        public func duration(to other: Instant) -> Duration { other.offset - offset }

        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    /// The monotonic clock of the machine; it goes on while the machine sleeps.
    public static let continuous = MessagingClock(ContinuousClock())

    private let offset: @Sendable () -> Duration
    private let sleepUntil: @Sendable (Duration, Duration?) async throws -> Void
    public let minimumResolution: Duration

    /// Wraps a clock.
    public init<Base: Clock>(_ base: Base) where Base.Duration == Duration {
        let start = base.now
        offset = { start.duration(to: base.now) }
        sleepUntil = { until, tolerance in
            try await base.sleep(until: start.advanced(by: until), tolerance: tolerance)
        }
        minimumResolution = base.minimumResolution
    }

    public var now: Instant { Instant(offset: offset()) }

    /// The first multiple of an interval, counted from the start of the clock, that is later than an instant. What is due
    /// every now and then wakes the machine once for all if everybody keeps to these.
    /// - Parameter interval: More than zero.
    package func tick(every interval: Duration, after instant: Instant) -> Instant {
        Instant(offset: interval * ((instant.offset / interval).rounded(.down) + 1))
    }

    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        try await sleepUntil(deadline.offset, tolerance)
    }
}
