#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A value behind a mutual exclusion lock.
///
/// It stands on `pthread_mutex_t`, which ThreadSanitizer understands on every platform.
@safe package final class Lock<State: Sendable>: @unchecked Sendable {
    // @unchecked: `state` is only touched between lock and unlock; the mutex has a stable address of its own.
    private var state: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    /// Creates an unlocked lock around a value.
    package init(_ state: State) {
        self.state = state
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Runs `body` alone with the value. `body` must not suspend, call out, or take the same lock.
    package func withLock<Result, Failure: Error>(_ body: (inout State) throws(Failure) -> Result) throws(Failure)
        -> Result
    {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
