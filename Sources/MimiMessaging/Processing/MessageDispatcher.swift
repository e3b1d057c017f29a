import Logging

/// Takes one delivered message through middleware to its handler, and decides what becomes of it.
struct MessageDispatcher: Sendable {
    /// What the processor's side sees of its source: the name without the namespace.
    let name: String
    let handler: any MessageHandler
    let retryPolicy: RetryPolicy
    let retriesQueries: Bool
    /// Whether the messages wait in a queue of their own; if not, what fails is gone.
    let isDurable: Bool
    let environment: BusEnvironment

    /// Decides about a message. Never throws: every message gets a settlement.
    func process(_ message: IncomingMessage) async -> Settlement {
        let context = context(of: message)
        if let refusal = refusal(of: message) {
            return refuse(message, refusal, context)
        }
        if let deadline = message.deadline, deadline <= environment.clock.now {
            context.logger.debug("dropped a query that nobody waits for any more")
            return .accept
        }
        let next = environment.chain.process { [handler] message, context in
            let body = EncodedBody(
                bytes: message.body, contentType: message.contentType, serializers: environment.serializers)
            return try await handler.handle(
                context.kind, message.method ?? "", Message(body: body, headers: message.headers), context)
        }
        do {
            let answer = try await InheritedDeadline.$current.withValue(message.deadline) {
                try await next(message, context)
            }
            if environment.logger.logLevel <= environment.logLevel {
                context.logger.log(level: environment.logLevel, "processed")
            }
            return message.kind == .query ? reply(answer ?? Message(), to: message) : .accept
        } catch {
            return settlement(of: message, error, context)
        }
    }

    /// Why the message is refused without being looked at.
    private func refusal(of message: IncomingMessage) -> FailureRecord? {
        if let defect = message.defect {
            return FailureRecord(code: MessagingError.Code.invalidMessage.description, message: defect)
        }
        if message.kind == .reply {
            return FailureRecord(code: MessagingError.Code.invalidMessage.description, message: "a reply is no request")
        }
        if message.method == nil {
            return FailureRecord(
                code: MessagingError.Code.unknownMethod.description,
                message: "the message names no method or event type")
        }
        return nil
    }

    private func settlement(of message: IncomingMessage, _ error: any Error, _ context: MessageContext) -> Settlement {
        if Task.isCancelled, error is CancellationError { return .giveBack }
        if error is NACK {
            return isDurable
                ? .retry(after: retryPolicy.redeliveryDelay(afterAttempt: message.attempt), failure: nil) : .accept
        }
        let record = FailureRecord(describing: error)
        if error is RefusedMessage { return refuse(message, record, context) }
        if message.kind == .query, !retriesQueries {
            context.logger.warning("a query failed", error: error)
            return .reply(failureReply(record, to: message))
        }
        let isFinal = (error as? ProcessingError)?.isFinal == true
        guard isDurable else {
            context.logger.error("an event failed and is gone: its processor has no queue", error: error)
            return .accept
        }
        if !isFinal, let delay = retryPolicy.delay(afterAttempt: message.attempt) {
            context.logger.warning("failed; will be delivered again after \(delay)", error: error)
            return .retry(after: delay, failure: record)
        }
        context.logger.error("failed for good; moved to the dead letters", error: error)
        return .deadLetter(record, reply: message.kind == .query ? failureReply(record, to: message) : nil)
    }

    private func refuse(_ message: IncomingMessage, _ record: FailureRecord, _ context: MessageContext) -> Settlement {
        context.logger.error("refused: \(record.message)", metadata: [LogKey.errorCode: "\(record.code)"])
        guard isDurable else { return .accept }
        return .deadLetter(record, reply: message.kind == .query ? failureReply(record, to: message) : nil)
    }

    private func reply(_ answer: Message, to message: IncomingMessage) -> Settlement {
        do {
            let body = try answer.encoded(with: environment.serializers.preferred)
            try environment.checkSize(body)
            try answer.headers.validate()
            return .reply(outgoingReply(body: body, headers: answer.headers, failure: nil))
        } catch {
            return .reply(failureReply(FailureRecord(error), to: message))
        }
    }

    private func failureReply(_ failure: FailureRecord, to message: IncomingMessage) -> OutgoingMessage {
        outgoingReply(body: Array("{}".utf8), headers: [:], failure: failure)
    }

    private func outgoingReply(body: [UInt8], headers: MessageHeaders, failure: FailureRecord?) -> OutgoingMessage {
        OutgoingMessage(
            kind: .reply, id: RandomID.make(), method: "", target: "", headers: headers, body: body,
            contentType: failure == nil
                ? environment.serializers.preferred.contentType : JSONMessageSerializer().contentType,
            appID: environment.appID, failure: failure)
    }

    private func context(of message: IncomingMessage) -> MessageContext {
        let method = (message.method ?? "").escapedForLog
        let target = name + (message.kind == .event ? "#" : "/") + method
        return MessageContext(
            kind: message.kind, target: target, headers: message.headers, messageID: message.id ?? "",
            attempt: message.attempt, isRedelivered: message.isRedelivered, deadline: message.deadline,
            sentAt: message.sentAt, senderAppID: message.appID, busLogger: environment.logger)
    }
}
