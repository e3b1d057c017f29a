import RabbitMQClient

/// A reason to give up a channel that is open still: what it was opened for is over.
final class Cancellation: Sendable {
    fileprivate let reasons: AsyncStream<AMQPError>
    private let continuation: AsyncStream<AMQPError>.Continuation

    init() { (reasons, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1)) }

    /// Gives the reason; the first one counts.
    func note(_ reason: AMQPError) { continuation.yield(reason) }
}

extension AMQPChannel {
    /// Returns when the channel is closed, with the reason.
    func ended() async -> AMQPError {
        for await event in events {
            switch event {
            case .closed(let reason): return reason
            }
        }
        return AMQPError(.connectionLost, "the channel is gone")
    }

    /// Returns when the channel is closed, or is to be given up, or `watch` finds that it is of no use any more.
    /// - Parameter watch: Looks after it; returns nil when it has nothing to say.
    func ended(
        or cancellation: Cancellation, watch: @escaping @Sendable () async -> AMQPError? = { nil }
    ) async -> AMQPError {
        await withTaskGroup(of: AMQPError?.self) { group in
            group.addTask { await self.ended() }
            group.addTask {
                for await reason in cancellation.reasons { return reason }
                return nil
            }
            group.addTask { await watch() }
            for await case let reason? in group {
                group.cancelAll()
                return reason
            }
            return AMQPError(.closed, "the channel is closed")
        }
    }
}
