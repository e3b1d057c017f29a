import Logging

/// One channel of a connection, without I/O: what it was asked, what it has sent and what it waits for.
///
/// Belongs to the connection's loop. Encoding is in `ChannelCore+Emitting`, frames from the peer in
/// `ChannelCore+Receiving`, the ways to end in `ChannelCore+Ending`.
final class ChannelCore {
    let id: ChannelID
    let shared: ConnectionShared
    let events: AsyncStream<AMQPChannelEvent>.Continuation

    var state = ChannelState()
    var opener: Resumptions.Reply<UInt16>?
    var closers: [CheckedContinuation<Void, Never>] = []
    /// When opening or closing has to be answered.
    var handshakeDeadline: MonotonicInstant?

    var calls = RPCQueue<RPCWaiter>()
    var backlog = PublishBacklog()
    /// What was published since `confirm.select`; nil before.
    var confirms: ConfirmTracker<OutstandingPublish>?
    /// A large body of which some frames are still to go; nothing else may leave on this channel before them.
    var unfinished: (body: OutgoingBody, request: PublishRequest)?
    /// No publish that is not over has an earlier deadline.
    var publishDeadline: MonotonicInstant?
    /// Whether the peer lets us publish (`channel.flow`).
    var mayPublish = true
    /// Whether it has not been told that we have heard that (`channel.flow-ok`).
    var owesFlowOk = false

    var assembler = ContentAssembler()
    var ledger = DeliveryLedger()
    var consumers: [Consumer] = []

    /// Whether the connection has this channel among those that want to send.
    var isReady = false
    /// Whether publishes wait for the connection: it is blocked, or too much is outstanding.
    var isStalled = false
    /// For when the connection has scheduled this channel's next look at its deadlines.
    var scheduled: MonotonicInstant?

    init(number: UInt16, opening: ChannelOpening, shared: ConnectionShared, now: MonotonicInstant) {
        id = ChannelID(number: number, generation: opening.generation)
        events = opening.events
        opener = opening.waiter
        self.shared = shared
        handshakeDeadline = now + shared.methodTimeout
        shared.send(.channelOpen, channel: number)
    }

    /// When ``fireDeadlines(at:)`` has to be called next.
    var nextDeadline: MonotonicInstant? {
        earlier(calls.deadline, earlier(publishDeadline, handshakeDeadline))
    }

    /// Queues a method that wants an answer.
    func call(_ method: OutgoingMethod, _ waiter: RPCWaiter, now: MonotonicInstant) {
        calls.append(RPCQueue.Call(method: method, deadline: now + shared.methodTimeout, waiter: waiter))
    }

    /// Queues a message.
    func publish(_ request: PublishRequest, _ waiter: PublishWaiter, now: MonotonicInstant) {
        guard request.begin(waiter, now: now, standardTimeout: shared.methodTimeout) else {
            return shared.resumptions.publishFailed(waiter, CancellationError())
        }
        if request.awaitsConfirm, confirms == nil {
            return fail(request, AMQPError(.internalError, "the channel is not in confirm mode"))
        }
        guard let deadline = request.deadline, deadline > now else {
            return fail(request, AMQPError(.timeout, "the deadline had passed before the message was sent"))
        }
        backlog.append(request)
        publishDeadline = earlier(publishDeadline, deadline)
    }

    /// Takes a verdict about a delivery.
    func decide(_ deliveryTag: UInt64, _ verdict: AMQPVerdict) {
        if !ledger.decide(deliveryTag, verdict) {
            shared.logger.warning(
                "a delivery got a second verdict, or one it does not need; it was dropped",
                metadata: ["channel": "\(id.number)", "delivery_tag": "\(deliveryTag)", "verdict": "\(verdict)"])
        }
    }

    /// Ends what is due by `now`.
    func fireDeadlines(at now: MonotonicInstant) {
        if let deadline = handshakeDeadline, deadline <= now {
            handshakeDeadline = nil
            if state.phase == .opening { giveUp(AMQPError(.timeout, "no answer to channel.open in time"), now: now) }
            // A close without an answer: the callers need not wait for it, the number stays out of use.
            releaseClosers()
        }
        if let deadline = calls.deadline, deadline <= now {
            let method = (calls.pending ?? calls.nextToSend)?.method.name
            let text = "no answer to \(method ?? "a method") in time, the channel was given up"
            giveUp(AMQPError(.timeout, text, method: method), now: now)
        }
        if let deadline = publishDeadline, deadline <= now { firePublishDeadlines(at: now) }
    }

    /// Ends one publish.
    func fail(_ request: PublishRequest, _ error: any Error) {
        if let waiter = request.end() { shared.resumptions.publishFailed(waiter, error) }
    }

    private func firePublishDeadlines(at now: MonotonicInstant) {
        var next: MonotonicInstant?
        func look(at request: PublishRequest, _ error: @autoclosure () -> AMQPError) -> Bool {
            guard !request.isOver, let deadline = request.deadline else { return false }
            if deadline <= now {
                fail(request, error())
                return true
            }
            next = earlier(next, deadline)
            return false
        }

        let waitedFor = shared.isBlocked ? "the broker blocks this connection" : "too much is outstanding"
        var ended = 0
        backlog.forEach { request in
            if look(at: request, AMQPError(.timeout, "the message was not sent in time: \(waitedFor)")) { ended += 1 }
        }
        for _ in 0..<ended { backlog.noteEnded() }

        let unknown = AMQPError(.timeout, "the broker has not confirmed in time", mayHaveReachedBroker: true)
        if let unfinished { _ = look(at: unfinished.request, unknown) }
        // Those that nobody waits for any more are forgotten: a queue that never confirms must neither use up what all
        // the others may have outstanding, nor keep what was published behind them.
        confirms?.forget { publish in
            _ = look(at: publish.request, unknown)
            if publish.request.isOver { shared.budget.giveBack(publish.request.message.body.count) }
            return publish.request.isOver
        }
        // Each look goes through all that wait: when thousands have deadlines of their own, not one for each.
        publishDeadline = next.map { max($0, now + .milliseconds(5)) }
    }
}
