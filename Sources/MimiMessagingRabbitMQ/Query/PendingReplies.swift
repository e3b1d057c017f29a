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

    private struct Query {
        let place: UInt64
        /// Whether the broker has taken it. Until then its publish tells how it ends, and knows best why.
        var isTaken = false
    }

    private struct State {
        var queries: [String: Query] = [:]
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

    /// Sends a query and waits for its reply, once: a confirm that comes is noted, and not waited for. The place is taken
    /// before anything is sent: the reply may be quick.
    /// - Parameters:
    ///   - correlationID: Nobody else's.
    ///   - send: Sends the query and calls its argument with the outcome; a failure ends the wait. Returns what gives the
    ///     sending up.
    /// - Throws: ``lost``, ``expired``, `CancellationError`, or what sending failed with.
    func reply(
        to correlationID: String, before deadline: MessagingClock.Instant,
        sending send: (_ completion: @escaping @Sendable (Result<Void, any Error>) -> Void) -> () -> Void
    ) async throws -> IncomingMessage {
        let place = waiters.reserve()
        let isLost = state.withLock { state in
            state.queries[correlationID] = Query(place: place)
            return state.isLost
        }
        defer {
            state.withLock { _ = $0.queries.removeValue(forKey: correlationID) }
            waiters.release(place)
        }
        guard !isLost else { throw Self.lost }
        let giveUp = send { [self] result in
            switch result {
            case .success: taken(correlationID)
            case .failure(let error): waiters.end(place, with: .failure(error))
            }
        }
        do {
            return try await waiters.wait(place, until: deadline)
        } catch {
            giveUp()
            throw error
        }
    }

    /// The broker has taken a query.
    private func taken(_ correlationID: String) {
        let lost = state.withLock { state -> UInt64? in
            state.queries[correlationID]?.isTaken = true
            return state.isLost ? state.queries[correlationID]?.place : nil
        }
        if let lost { waiters.end(lost, with: .failure(Self.lost)) }
    }

    /// Hands a reply to whoever waits for it. Late, double and foreign ones are dropped.
    func received(_ reply: (correlationID: String, message: IncomingMessage)?) {
        let place = reply.flatMap { reply in state.withLock { $0.queries[reply.correlationID]?.place } }
        guard let reply, let place, waiters.end(place, with: .success(reply.message)) else {
            logger.debug("dropped a reply that nobody waits for")
            observer.replyDropped()
            return
        }
    }

    /// No more replies come: whoever waits asks again elsewhere.
    func lose() {
        let taken = state.withLock { state in
            state.isLost = true
            return state.queries.values.filter(\.isTaken)
        }
        waiters.forgetDeadlines()
        for query in taken { waiters.end(query.place, with: .failure(Self.lost)) }
    }
}
