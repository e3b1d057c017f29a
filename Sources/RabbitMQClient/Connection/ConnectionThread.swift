#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Drives a ``ConnectionLoop`` with `poll(2)` and the machine's clock, on the thread that calls
/// ``run(_:mailbox:wakeUp:descriptor:)``.
enum ConnectionThread {
    /// Runs the loop to its end.
    ///
    /// - Parameter descriptor: the transport's.
    static func run(_ loop: ConnectionLoop, mailbox: Mailbox, wakeUp: WakeUp, descriptor: Int32?) {
        while case .wait(let wait) = loop.advance(now: .now) {
            let readable = sleep(wait, mayBlock: mailbox.announceSleep(), wakeUp: wakeUp, descriptor: descriptor ?? -1)
            loop.process(now: .now, readable: readable)
        }
        loop.resumeClosers()
    }

    /// Waits for what the loop wants. Returns whether the transport may have something to read.
    private static func sleep(
        _ wait: ConnectionLoop.Wait, mayBlock: Bool, wakeUp: WakeUp, descriptor: Int32
    ) -> Bool {
        var events: Int32 = 0
        if wait.read { events |= Int32(POLLIN) }
        if wait.write { events |= Int32(POLLOUT) }
        var descriptors = (
            // A negative descriptor is skipped. With nothing to wait for, an error would be reported again and again.
            pollfd(fd: events == 0 ? -1 : descriptor, events: Int16(events), revents: 0),
            pollfd(fd: wakeUp.readDescriptor, events: Int16(POLLIN), revents: 0)
        )
        let timeout = mayBlock ? milliseconds(until: wait.until) : 0
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
