import Logging
import MimiMessaging
import RabbitMQClient

/// A message from a queue, until it is settled: acknowledged, given back, or copied somewhere and then acknowledged.
///
/// Whatever is copied is confirmed before the original is acknowledged. A crash in between duplicates and never loses.
struct RabbitMQDelivery: Delivery {
    private let delivery: AMQPDelivery
    private let channel: AMQPChannel
    private let liveness: ConsumerChannel.Liveness
    private let context: ConsumerContext
    private let arrival: MessagingClock.Instant

    init(
        _ delivery: AMQPDelivery, on channel: AMQPChannel, liveness: ConsumerChannel.Liveness, context: ConsumerContext
    ) {
        self.delivery = delivery
        self.channel = channel
        self.liveness = liveness
        self.context = context
        arrival = context.clock.now
    }

    /// Decoded when it is asked for, so that this is not done on the connection's thread.
    var message: IncomingMessage {
        context.decoder.request(delivery, isTopic: context.isTopic, arrival: arrival)
    }

    var isCurrent: Bool { liveness.isCurrent }

    func settle(_ settlement: Settlement) async {
        switch settlement {
        case .accept: channel.ack(delivery.tag)
        case .giveBack: channel.nack(delivery.tag, requeue: true)
        case .reply(let reply): await acknowledge { try await send(reply) }
        case .retry(let delay, let failure): await acknowledge { try await copyForRetry(after: delay, failure) }
        case .deadLetter(let failure, let reply): await deadLetter(failure, reply)
        }
    }

    /// Acknowledges when `copy` has succeeded; if it fails, the original goes back to the queue. If there can be no copy, now
    /// or later, the broker itself moves the original to the dead letters.
    private func acknowledge(after copy: () async throws -> Void) async {
        do {
            try await copy()
            channel.ack(delivery.tag)
        } catch let error as MessagingError where [.invalidMessage, .messageTooLarge].contains(error.code) {
            context.logger.error(
                "a message that cannot be sent on was moved to the dead letters as it is", error: error)
            channel.reject(delivery.tag, requeue: false)
        } catch {
            context.logger.warning("a message could not be settled and goes back to its queue", error: error)
            channel.nack(delivery.tag, requeue: true)
            if let error = error as? MessagingError, error.code == .unroutable {
                // A queue of the ladder or of the dead letters is gone: declare everything anew.
                liveness.fail(AMQPError(.channelClosed, "a queue that belongs to it is gone"))
            }
        }
    }

    private func send(_ reply: OutgoingMessage) async throws {
        guard case .message(let query) = delivery.content, let address = context.decoder.replyAddress(of: query) else {
            return
        }
        let correlationID = query.properties.correlationID ?? ""
        try await context.publisher.publish(
            MessageEncoder.reply(reply, correlationID: correlationID), toReplyAddress: address, before: deadline)
    }

    private func copyForRetry(after delay: Duration, _ failure: FailureRecord?) async throws {
        guard case .message(let original) = delivery.content, let queue = context.subscription.durableQueue else {
            return
        }
        let copy = MessageEncoder.retry(original, attempt: message.attempt + 1, failure: failure)
        try await context.publisher.publish(
            copy, toQueue: context.topology(of: queue).retryQueue(for: delay), before: deadline)
    }

    private func deadLetter(_ failure: FailureRecord, _ reply: OutgoingMessage?) async {
        guard case .message(let original) = delivery.content, let queue = context.subscription.durableQueue else {
            // What was refused unread cannot be copied: the broker itself moves it.
            channel.reject(delivery.tag, requeue: false)
            return
        }
        await acknowledge {
            if let reply { try await send(reply) }
            let copy = MessageEncoder.deadLetter(original, queue: queue, attempt: message.attempt, failure: failure)
            try await context.publisher.publish(
                copy, toQueue: context.topology(of: queue).deadLetterQueue, before: deadline)
        }
    }

    private var deadline: MessagingClock.Instant {
        context.clock.now.advanced(by: ConsumerContext.settlementTimeout)
    }
}
