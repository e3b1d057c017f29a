import MimiMessaging
import RabbitMQClient

/// Finds out whether a consumer that hears nothing has nothing to hear, or was forgotten by the broker without a word.
///
/// Every now and then it declares what belongs to the consumer, which brings back an exchange or a binding that somebody
/// has deleted, and asks for the queue over the consumer's own channel. This finds a queue that is gone, a queue that
/// has no consumer, and, when two looks in a row see messages in the queue while this consumer has room and gets none, a
/// consumer that the broker does not serve. A broker that does not answer at all on this channel is found as well, by
/// the time limit of every method.
struct ConsumerWatch: Sendable {
    let queue: String
    let interval: Duration
    /// Declares what belongs to the consumer; what is there already stays.
    let declare: @Sendable () async throws -> Void
    /// Whether all messages go to one of several consumers: then this one may well get none.
    let isSingleActive: Bool
    let clock: MessagingClock

    /// Returns when the consumer is of no use, with the reason; or nil when the channel has ended or the task is
    /// cancelled.
    func run(on channel: AMQPChannel, _ liveness: ConsumerLiveness) async -> AMQPError? {
        guard interval > .zero else { return nil }
        var before: Look?
        while (try? await clock.sleep(until: nextLook)) != nil {
            // What is refused now was there when the consumer came, and may be there still.
            try? await declare()
            // Whatever goes wrong here closes the channel, which is noticed as such.
            guard let status = try? await channel.declareQueue(queue, passive: true) else { return nil }
            let deliveries = liveness.deliveries
            let look = Look(
                delivered: deliveries.delivered, isServed: deliveries.unsettled > 0 || status.messageCount == 0)
            if status.consumerCount == 0 || (!isSingleActive && look.isStuck(since: before)) {
                return AMQPError(.channelClosed, "the broker has forgotten the consumer of '\(queue)'")
            }
            before = look
        }
        return nil
    }

    /// All watches of a process look at the same time. The first look comes after half an interval at least.
    private var nextLook: MessagingClock.Instant {
        clock.tick(every: interval, after: clock.now.advanced(by: interval / 2))
    }

    /// What was seen at one time.
    struct Look {
        /// How many deliveries had come.
        let delivered: Int
        /// Whether it has something to do, or there is nothing to be had.
        let isServed: Bool

        /// Whether nothing came between two looks that both saw messages for the taking.
        func isStuck(since before: Look?) -> Bool {
            guard let before else { return false }
            return !isServed && !before.isServed && delivered == before.delivered
        }
    }
}
