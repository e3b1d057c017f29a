#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Carries one value from a thread that may be slow to one that waits a limited time.
@safe
final class OneShot<Value: Sendable>: @unchecked Sendable {
    // Unchecked because the compiler cannot see that `value` is only touched under the mutex.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value?

    init() {
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        #if canImport(Darwin)
        unsafe pthread_cond_init(condition, nil)
        #else
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // Setting the wall clock must not make a wait longer.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Hands the value over. Nobody need wait any more.
    func set(_ value: Value) {
        unsafe pthread_mutex_lock(mutex)
        self.value = value
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// The value, or nil when it does not come before the deadline.
    func wait(until deadline: Deadline) -> Value? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while value == nil, !deadline.isOver { sleep(deadline.remaining) }
        return value
    }

    private func sleep(_ duration: Duration) {
        let (seconds, attoseconds) = min(duration, .seconds(86_400)).components
        let nanoseconds = Int(attoseconds / 1_000_000_000)
        #if canImport(Darwin)
        var time = timespec(tv_sec: Int(seconds), tv_nsec: nanoseconds)
        unsafe pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #else
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let sum = time.tv_nsec + nanoseconds
        time.tv_sec += Int(seconds) + sum / 1_000_000_000
        time.tv_nsec = sum % 1_000_000_000
        unsafe pthread_cond_timedwait(condition, mutex, &time)
        #endif
    }
}
