import DequeModule
import Logging

/// A connection after its login, without socket, thread and clock: commands and bytes go in, bytes, deadlines and
/// resumptions come out.
///
/// Whoever drives it, the connection's thread or a test, says what time it is. Frames from the peer are in
/// `ConnectionCore+Receiving`, the ways to end in `ConnectionCore+Ending`.
final class ConnectionCore {
    let shared: ConnectionShared
    var reader: FrameReader
    var state = ConnectionState()
    var heartbeat: Heartbeat
    let events: AsyncStream<AMQPConnectionEvent>.Continuation
    /// Who waits for the end of the connection.
    var closers: [CheckedContinuation<Void, Never>] = []

    /// The channels by their number; 0 is the connection itself.
    var channels: [ChannelCore?] = [nil]
    private let channelMax: Int
    private var ready = Deque<ChannelCore>()
    private var stalled: [ChannelCore] = []
    private var deadlines = DeadlineHeap<ChannelCore>()

    init(
        frameMax: Int, channelMax: Int, heartbeat: Duration, configuration: AMQPConnectionConfiguration,
        events: AsyncStream<AMQPConnectionEvent>.Continuation, logger: Logger, now: MonotonicInstant
    ) {
        shared = ConnectionShared(
            frameMax: frameMax, limits: configuration.limits, methodTimeout: configuration.methodTimeout,
            logger: logger)
        reader = FrameReader(frameMax: frameMax, channelMax: channelMax, limits: configuration.limits)
        self.heartbeat = Heartbeat(interval: heartbeat, now: now)
        self.channelMax = channelMax
        self.events = events
    }

    /// When ``fireDeadlines(at:)`` has to be called next.
    var nextDeadline: MonotonicInstant? {
        guard state.isOpen else { return state.deadline }
        return earlier(heartbeat.deadline(idle: shared.writer.count == 0), deadlines.earliest)
    }

    /// Whether ``encode()`` has left something for want of room.
    var hasMoreToEncode: Bool { state.isOpen && !ready.isEmpty }

    /// Whether what waits to be encoded is alone: nothing is under way that more of its kind would follow soon, to leave
    /// together with it.
    var isAlone: Bool { shared.budget.count <= 1 && ready.allSatisfy { $0.ledger.isSettled } }

    /// Takes what a caller wants.
    func handle(_ command: Command, now: MonotonicInstant) {
        guard state.isOpen else { return refuse(command, now: now) }
        switch command {
        case .openChannel(let opening): openChannel(opening, now: now)
        case .call(let id, let method, let waiter):
            guard let channel = channel(id) else { return refuse(command, now: now) }
            channel.call(method, waiter, now: now)
            update(channel)
        case .publish(let id, let request, let waiter):
            guard let channel = channel(id) else { return refuse(command, now: now) }
            channel.publish(request, waiter, now: now)
            update(channel)
        case .cancelPublish(let id, let request):
            if let waiter = request.end() { shared.resumptions.publishFailed(waiter, CancellationError()) }
            channel(id)?.backlog.noteEnded()
        case .decide(let id, let deliveryTag, let verdict):
            guard let channel = channel(id) else { return }
            channel.decide(deliveryTag, verdict)
            update(channel)
        case .closeChannel(let id, let waiter):
            guard let channel = channel(id) else { return refuse(command, now: now) }
            channel.close(waiter, now: now)
            update(channel)
        case .close(let timeout, let waiter):
            if let waiter { closers.append(waiter) }
            close(timeout: timeout, now: now)
        }
    }

    /// Encodes what may leave now. Channels take turns, so that none waits behind another's large bodies.
    func encode() {
        guard state.isOpen else { return }
        if !stalled.isEmpty, !shared.isBlocked {
            for channel in stalled { channel.isStalled = false }
            for channel in stalled { update(channel) }
            stalled.removeAll(keepingCapacity: true)
        }
        while shared.hasRoom, let channel = ready.popFirst() {
            channel.isReady = false
            guard channels[Int(channel.id.number)] === channel else { continue }
            switch channel.emit() {
            case .done: break
            case .more:
                channel.isReady = true
                ready.append(channel)
            case .stalled:
                guard !channel.isStalled else { continue }
                channel.isStalled = true
                stalled.append(channel)
            }
            if !freed(channel) { reschedule(channel) }
        }
    }

    /// Does what is due by `now`: deadlines of channels, heartbeats, the end of a handshake.
    func fireDeadlines(at now: MonotonicInstant) {
        guard state.isOpen else {
            if let deadline = state.deadline, deadline <= now { finish(because: Self.closedByUs) }
            return
        }
        while let channel = deadlines.popDue(at: now) {
            // Anything later is an entry that an earlier one has replaced.
            guard let scheduled = channel.scheduled, scheduled <= now else { continue }
            channel.scheduled = nil
            guard channels[Int(channel.id.number)] === channel else { continue }
            channel.fireDeadlines(at: now)
            update(channel)
        }
        switch heartbeat.due(at: now, idle: shared.writer.count == 0) {
        case .nothing: break
        case .send: shared.writer.appendHeartbeat()
        case .peerIsSilent:
            let seconds = heartbeat.interval * 2
            finish(because: AMQPError(.heartbeatLost, "nothing came from the broker for \(seconds)"))
        }
    }

    /// The channel that a caller means, if it is still the one he opened.
    func channel(_ id: ChannelID) -> ChannelCore? {
        guard Int(id.number) < channels.count, let channel = channels[Int(id.number)],
            channel.id.generation == id.generation, channel.state.mayEmit
        else { return nil }
        return channel
    }

    /// Lets go of a channel that is closed on both sides; says whether it was.
    func freed(_ channel: ChannelCore) -> Bool {
        guard channel.state.phase == .closed else { return false }
        channels[Int(channel.id.number)] = nil
        return true
    }

    /// Lets a channel take part in encoding and deadlines as it now stands.
    func update(_ channel: ChannelCore) {
        if !channel.isReady, channel.wantsToEmit {
            channel.isReady = true
            ready.append(channel)
        }
        reschedule(channel)
    }

    private func reschedule(_ channel: ChannelCore) {
        guard let deadline = channel.nextDeadline else { return }
        if let scheduled = channel.scheduled, scheduled <= deadline { return }
        channel.scheduled = deadline
        deadlines.schedule(channel, at: deadline)
    }

    private func openChannel(_ opening: ChannelOpening, now: MonotonicInstant) {
        guard let number = freeNumber() else {
            let error = AMQPError(.internalError, "all \(channelMax) channels of the connection are in use")
            return refuse(opening, error)
        }
        let channel = ChannelCore(number: UInt16(number), opening: opening, shared: shared, now: now)
        if number == channels.count { channels.append(channel) } else { channels[number] = channel }
        reschedule(channel)
    }

    private func freeNumber() -> Int? {
        if let free = channels.indices.dropFirst().first(where: { channels[$0] == nil }) { return free }
        return channels.count <= channelMax ? channels.count : nil
    }
}
