import Logging

/// The turns of a connection's loop: commands, encoding, writing, reading, timers, resuming.
///
/// It neither sleeps nor looks at a clock. Its driver does: the connection's thread, or a test under its own time.
package final class ConnectionLoop {
    /// What a driver has to wait for.
    package struct Wait: Equatable {
        /// Until the transport has something to read.
        package var read: Bool
        /// Until the transport takes bytes.
        package var write: Bool
        /// At most until then.
        package var until: MonotonicInstant?
    }

    /// What a driver has to do after ``advance(now:)``.
    package enum Next: Equatable {
        /// Wait, then call ``process(now:readable:)``.
        case wait(Wait)
        /// The connection has ended; call ``resumeClosers()`` as the last thing.
        case finished
    }

    /// So many bytes are read or written in a turn before the other direction and the timers get theirs.
    private static let burst = 1 << 20

    let core: ConnectionCore
    private let transport: any Transport
    private let mailbox: Mailbox
    private var commands: [Command] = []
    private var readNeedsWrite = false
    private var writeNeedsRead = false

    init(
        _ established: EstablishedConnection, configuration: AMQPConnectionConfiguration, mailbox: Mailbox,
        events: AsyncStream<AMQPConnectionEvent>.Continuation, logger: Logger, now: MonotonicInstant
    ) {
        transport = established.transport
        self.mailbox = mailbox
        core = ConnectionCore(
            frameMax: established.frameMax, channelMax: established.channelMax, heartbeat: established.heartbeat,
            configuration: configuration, events: events, logger: logger, now: now)
        core.reader.feed(established.unread)
        core.dispatchFrames(now: now)
    }

    /// The first half of a turn: takes commands, encodes and writes.
    package func advance(now: MonotonicInstant) -> Next {
        mailbox.take(into: &commands)
        for command in commands { core.handle(command, now: now) }
        commands.removeAll(keepingCapacity: true)
        write(now: now)
        core.shared.resumptions.resumeAll()
        if case .draining = core.state.phase, core.shared.writer.count == 0 {
            core.finish(because: ConnectionCore.closedByUs)
        }
        guard core.state.phase != .closed else {
            end(now: now)
            return .finished
        }
        // After a full burst everything encoded may be gone, and more be waiting to be encoded.
        let wantsToWrite = (core.shared.writer.count > 0 || core.hasMoreToEncode) && !writeNeedsRead
        return .wait(
            Wait(read: core.state.isReading, write: wantsToWrite || readNeedsWrite, until: core.nextDeadline))
    }

    /// The second half: reads what is there, fires timers, resumes.
    ///
    /// - Parameter readable: whether the transport may have something to read.
    package func process(now: MonotonicInstant, readable: Bool) {
        if readable { read(now: now) }
        core.fireDeadlines(at: now)
        core.shared.resumptions.resumeAll()
    }

    /// Tells those who asked for the end that it is reached.
    package func resumeClosers() {
        for closer in core.closers { closer.resume() }
        core.closers = []
    }

    /// Announces that the driver is going to wait: the next command wakes it up. Returns false when it must not wait,
    /// because commands came.
    package func announceSleep() -> Bool { mailbox.announceSleep() }

    private func write(now: MonotonicInstant) {
        var written = 0
        writeNeedsRead = false
        do throws(AMQPError) {
            while written < Self.burst, core.state.phase != .closed {
                core.encode()
                guard core.shared.writer.count > 0 else { return }
                switch try core.shared.writer.drain(into: transport) {
                case .bytes(let count):
                    written += count
                    core.heartbeat.wrote(at: now)
                case .wouldBlock(let needsRead):
                    writeNeedsRead = needsRead
                    return
                }
            }
        } catch {
            // The peer's reason may still lie in the receive buffer.
            read(now: now)
            core.finish(because: error)
        }
    }

    private func read(now: MonotonicInstant) {
        var count = 0
        readNeedsWrite = false
        do throws(AMQPError) {
            while count < Self.burst, core.state.isReading {
                switch try core.reader.fill(from: transport) {
                case .bytes(let more):
                    count += more
                    core.heartbeat.read(at: now)
                    core.dispatchFrames(now: now)
                case .wouldBlock(let needsWrite):
                    readNeedsWrite = needsWrite
                    return
                case .end:
                    throw AMQPError(.connectionLost, "the broker ended the connection without a word")
                }
            }
        } catch {
            core.finish(because: error)
        }
    }

    private func end(now: MonotonicInstant) {
        transport.close()
        for command in mailbox.end(because: core.state.cause ?? ConnectionCore.closedByUs) {
            core.handle(command, now: now)
        }
        core.announceEnd()
    }
}
