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

        /// Whether who waits for this misses nothing of `other`.
        func covers(_ other: Wait) -> Bool {
            guard read == other.read, write == other.write else { return false }
            guard let otherEnd = other.until else { return true }
            return until.map { $0 <= otherEnd } ?? false
        }
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
        takeCommands(now: now)
        write(now: now)
        core.shared.resumptions.resumeAll()
        if case .draining = core.state.phase, core.shared.writer.count == 0 {
            core.finish(because: ConnectionCore.closedByUs)
        }
        guard core.state.phase != .closed else {
            end(now: now)
            return .finished
        }
        return .wait(nextWait)
    }

    /// Does at once what was asked while the driver waits, on the thread of whoever asked: what comes alone is spared
    /// the driver's wake-up. Nobody else may use the loop meanwhile.
    ///
    /// - Parameter wait: what the driver waits for.
    /// - Returns: whether the driver may go on waiting for that. If not, it has to be woken up.
    package func serve(during wait: Wait, now: MonotonicInstant) -> Bool {
        takeCommands(now: now)
        // What is one of many leaves together with the others, and that is the driver's affair. So is an end.
        guard core.state.isOpen, core.isAlone, (try? flush(now: now)) != nil else { return false }
        core.shared.resumptions.resumeAll()
        return mailbox.announceSleep() && wait.covers(nextWait)
    }

    /// The second half: reads what is there, fires timers, resumes.
    ///
    /// - Parameter readable: whether the transport may have something to read.
    package func process(now: MonotonicInstant, readable: Bool) {
        mailbox.announceWaking()
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

    private var nextWait: Wait {
        // After a full burst everything encoded may be gone, and more be waiting to be encoded.
        let wantsToWrite = (core.shared.writer.count > 0 || core.hasMoreToEncode) && !writeNeedsRead
        return Wait(read: core.state.isReading, write: wantsToWrite || readNeedsWrite, until: core.nextDeadline)
    }

    private func takeCommands(now: MonotonicInstant) {
        mailbox.take(into: &commands)
        for command in commands { core.handle(command, now: now) }
        commands.removeAll(keepingCapacity: true)
    }

    /// Encodes and writes until nothing is left, the transport takes no more, or the burst is full.
    private func flush(now: MonotonicInstant) throws(AMQPError) {
        var written = 0
        writeNeedsRead = false
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
    }

    private func write(now: MonotonicInstant) {
        do throws(AMQPError) {
            try flush(now: now)
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
