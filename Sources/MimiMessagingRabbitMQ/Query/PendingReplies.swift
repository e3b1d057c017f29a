import Logging
import MimiMessaging
import RabbitMQClient

/// The queries of one channel that wait for their reply, by correlation id.
final class PendingReplies: Sendable {
    /// The channel is gone, and with it the replies.
    static let lost = AMQPError(
        .connectionLost, "the channel that replies come to is gone", mayHaveReachedBroker: true)
    /// The deadline passed.
    static let expired = MessagingError(.timeout, "no reply before the deadline")

    private struct State {
        var places: [String: UInt64] = [:]
        var isLost = false
    }

    private let state = Lock(State())
    private let waiters: Waiters<IncomingMessage>
    private let logger: Logger
    private let observer: any AdapterObserver

    /// - Parameter observer: Hears of replies that nobody waits for.
    init(clock: MessagingClock, logger: Logger, observer: any AdapterObserver) {
        waiters = Waiters(clock: clock) { Self.expired }
        self.logger = logger
        self.observer = observer
    }

    /// Sends a query and waits for its reply. The place is taken before anything is sent: the reply may be quick.
    /// - Parameters:
    ///   - correlationID: Nobody else's.
    ///   - send: Sends the query; what it throws ends the wait.
    /// - Throws: ``lost``, ``expired``, `CancellationError`, or what `send` throws.
    func reply(
        to correlationID: String, before deadline: MessagingClock.Instant, sending send: () async throws -> Void
    ) async throws -> IncomingMessage {
        let place = waiters.reserve()
        let isLost = state.withLock { state in
            state.places[correlationID] = place
            return state.isLost
        }
        defer {
            state.withLock { _ = $0.places.removeValue(forKey: correlationID) }
            waiters.release(place)
        }
        guard !isLost else { throw Self.lost }
        try await send()
        return try await waiters.wait(place, until: deadline)
    }

    /// Hands a reply to whoever waits for it. Late, double and foreign ones are dropped.
    func received(_ reply: (correlationID: String, message: IncomingMessage)?) {
        let place = reply.flatMap { reply in state.withLock { $0.places[reply.correlationID] } }
        guard let reply, let place, waiters.end(place, with: .success(reply.message)) else {
            logger.debug("dropped a reply that nobody waits for")
            observer.replyDropped()
            return
        }
    }

    /// No more replies come: whoever waits asks again elsewhere.
    func lose() {
        state.withLock { $0.isLost = true }
        waiters.stop(with: Self.lost)
    }
}
