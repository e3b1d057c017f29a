#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Drives a ``ConnectionLoop`` with `poll(2)` and the machine's clock, on the thread that calls
/// ``run(_:descriptor:)``.
///
/// The loop belongs to that thread. Only while it sleeps, who leaves a command may use the loop in its stead: a
/// message that comes alone costs one change of threads less.
final class ConnectionThread: Sendable {
    // Unchecked: the loop is only used by whoever holds the lock.
    private struct Turn: @unchecked Sendable {
        /// Nil before the login and after the end.
        var loop: ConnectionLoop?
        /// What the thread waits for.
        var wait: ConnectionLoop.Wait
    }

    private let turn = Lock(Turn(loop: nil, wait: ConnectionLoop.Wait(read: false, write: false, until: nil)))
    private let wakeUp: WakeUp

    init() throws(AMQPError) { wakeUp = try WakeUp() }

    /// Runs the loop to its end.
    ///
    /// - Parameter descriptor: the transport's.
    func run(_ loop: ConnectionLoop, descriptor: Int32?) {
        turn.withLock { $0.loop = loop }
        var readable = false
        while let (wait, mayBlock) = takeTurn(with: loop, readable: readable) {
            readable = sleep(wait, mayBlock: mayBlock, descriptor: descriptor ?? -1)
        }
        loop.resumeClosers()
    }

    /// Serves the command that was left while the loop slept, or ends that sleep.
    func commandCame() {
        let isServed = turn.withLockIfAvailable { turn in turn.loop?.serve(during: turn.wait, now: .now) ?? false }
        if isServed != true { wakeUp.signal() }
    }

    /// Ends one turn and begins the next. Returns what to wait for in its middle, and whether to; nil at the end.
    private func takeTurn(with loop: ConnectionLoop, readable: Bool) -> (ConnectionLoop.Wait, mayBlock: Bool)? {
        turn.withLock { turn in
            loop.process(now: .now, readable: readable)
            guard case .wait(let wait) = loop.advance(now: .now) else {
                turn.loop = nil
                return nil
            }
            turn.wait = wait
            return (wait, loop.announceSleep())
        }
    }

    /// Waits for what the loop wants. Returns whether the transport may have something to read.
    private func sleep(_ wait: ConnectionLoop.Wait, mayBlock: Bool, descriptor: Int32) -> Bool {
        var events: Int32 = 0
        if wait.read { events |= Int32(POLLIN) }
        if wait.write { events |= Int32(POLLOUT) }
        var descriptors = (
            // A negative descriptor is skipped. With nothing to wait for, an error would be reported again and again.
            pollfd(fd: events == 0 ? -1 : descriptor, events: Int16(events), revents: 0),
            pollfd(fd: wakeUp.readDescriptor, events: Int16(POLLIN), revents: 0)
        )
        let timeout = mayBlock ? Self.milliseconds(until: wait.until) : 0
        let count = unsafe withUnsafeMutableBytes(of: &descriptors) { bytes in
            unsafe poll(bytes.assumingMemoryBound(to: pollfd.self).baseAddress, 2, timeout)
        }
        // Interrupted by a signal: the next turn waits again.
        guard count > 0 else { return false }
        if descriptors.1.revents != 0 { wakeUp.clear() }
        return descriptors.0.revents != 0
    }

    /// The time to `deadline`, rounded up so that it has passed after the sleep; -1, for ever, without one.
    private static func milliseconds(until deadline: MonotonicInstant?) -> Int32 {
        guard let deadline else { return -1 }
        let (seconds, attoseconds) = (deadline - .now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 3600 else { return 3_600_000 }
        return Int32(seconds) * 1000 + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
