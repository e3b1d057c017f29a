import Logging
import MimiMessaging
import RabbitMQClient

/// A message from a queue, until it is settled: acknowledged, given back, or copied somewhere and then acknowledged.
///
/// Whatever is copied is confirmed before the original is acknowledged. A crash in between duplicates and never loses.
final class RabbitMQDelivery: Delivery {
    private let delivery: AMQPDelivery
    private let channel: AMQPChannel
    private let liveness: ConsumerLiveness
    private let context: ConsumerContext
    private let arrival: MessagingClock.Instant

    init(
        _ delivery: AMQPDelivery, on channel: AMQPChannel, liveness: ConsumerLiveness, context: ConsumerContext
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
        defer { liveness.settled() }
        switch settlement {
        case .accept: channel.ack(delivery.tag)
        case .giveBack: channel.nack(delivery.tag, requeue: true)
        case .reply(let reply): await acknowledge { try await sendOrSayWhyNot(reply) }
        case .retry(let delay, let failure): await acknowledge { try await copyForRetry(after: delay, failure) }
        case .deadLetter(let failure, let reply): await deadLetter(failure, reply)
        }
    }

    /// Acknowledges when `copy` has succeeded; if it fails, the original goes back to the queue. If there can be no copy, now
    /// or later, the broker itself moves the original to the dead letters.
    private func acknowledge(after copy: () async throws -> Void) async {
        do {
            try await copy()
        } catch {
            return await settleWithoutCopy(because: error)
        }
        channel.ack(delivery.tag)
    }

    private func settleWithoutCopy(because error: any Error) async {
        let failure = error as? MessagingError
        if let failure, failure.isUnfit {
            complain(
                .unfit, .error, "a copy cannot be sent; the broker moves the message to the dead letters", error)
            return channel.reject(delivery.tag, requeue: false)
        }
        complain(.unsettled, .warning, "a message could not be settled and goes back to its queue", error)
        if failure?.code == .unroutable {
            channel.nack(delivery.tag, requeue: true)
            // A queue of the ladder or of the dead letters is gone: declare everything anew.
            liveness.cancellation.note(AMQPError(.channelClosed, "a queue that belongs to it is gone"))
        } else {
            // It comes again at once, and may fail again at once: a full queue of dead letters must not become a hot
            // loop.
            try? await context.clock.sleep(for: ConsumerContext.pauseAfterFailedSettlement)
            channel.nack(delivery.tag, requeue: true)
        }
    }

    private func complain(
        _ complaint: ConsumerContext.Complaint, _ level: Logger.Level, _ text: Logger.Message, _ error: any Error
    ) {
        context.complaints.log(complaint, level, text, [LogKey.error: "\(error)"], to: context.logger)
    }

    /// A reply that is too large for the broker, or whose headers are, is replaced by one that says so.
    private func sendOrSayWhyNot(_ reply: OutgoingMessage) async throws {
        do {
            try await send(reply)
        } catch let error as MessagingError where error.isUnfit {
            try await send(reply.excused(by: error))
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
        let message = message
        let patience = message.deadline.map { context.clock.now.advanced(by: delay).duration(to: $0) }
        let copy = MessageEncoder.retry(
            original, attempt: message.attempt + 1, patience: patience, failure: failure)
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

extension OutgoingMessage {
    /// A reply in place of this one, which says why.
    // Not inlined for the reason that ``MessageEncoder`` has.
    @inline(never)
    fileprivate func excused(by error: MessagingError) -> OutgoingMessage {
        var excuse = self
        excuse.body = Array("{}".utf8)
        excuse.contentType = "application/json"
        excuse.headers = [:]
        excuse.failure = FailureRecord(code: error.code.description, message: error.message)
        return excuse
    }
}

extension MessagingError {
    /// Whether it is the message itself that cannot be sent, ever.
    fileprivate var isUnfit: Bool { code == .invalidMessage || code == .messageTooLarge }
}
