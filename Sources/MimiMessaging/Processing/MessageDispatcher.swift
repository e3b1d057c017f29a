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
    /// nil if nothing is measured.
    private let metrics: ProcessMetrics?
    private let complaints: LimitedLog<Complaint>

    /// What is said of a message that could not be processed.
    private enum Complaint {
        case refused
        case queryFailed
        case eventLost
        case retried
        case deadLettered
    }

    init(
        name: String, handler: any MessageHandler, retryPolicy: RetryPolicy, retriesQueries: Bool, isDurable: Bool,
        environment: BusEnvironment
    ) {
        self.name = name
        self.handler = handler
        self.retryPolicy = retryPolicy
        self.retriesQueries = retriesQueries
        self.isDurable = isDurable
        self.environment = environment
        metrics = environment.metrics.map { ProcessMetrics($0, destination: name, clock: environment.clock) }
        complaints = LimitedLog(clock: environment.clock)
    }

    /// Decides about a message. Never throws: every message gets a settlement.
    func process(_ message: IncomingMessage) async -> Settlement {
        guard let metrics else { return await decide(message).settlement }
        let start = metrics.began()
        let outcome = await decide(message)
        let method = outcome.error == MessagingError.Code.unknownMethod.description ? nil : knownMethod(of: message)
        metrics.ended(message, method: method, outcome, since: start)
        return outcome.settlement
    }

    /// The method, if the processor has it: what a sender makes up names no span and no metric.
    private func knownMethod(of message: IncomingMessage) -> String? {
        message.method.flatMap { handler.knows(message.kind, $0) ? $0 : nil }
    }

    private func decide(_ message: IncomingMessage) async -> ProcessOutcome {
        let context = context(of: message)
        if let refusal = refusal(of: message) {
            return refuse(message, refusal, context)
        }
        if let deadline = message.deadline, deadline <= environment.clock.now {
            context.logger.debug("dropped a query that nobody waits for any more")
            return ProcessOutcome(.accept, error: "expired")
        }
        let next = environment.chain.process { message, context in
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
            return message.kind == .query ? reply(answer ?? Message(), to: message) : ProcessOutcome(.accept)
        } catch {
            return outcome(of: message, error, context)
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

    private func outcome(of message: IncomingMessage, _ error: any Error, _ context: MessageContext) -> ProcessOutcome {
        if Task.isCancelled, error is CancellationError { return ProcessOutcome(.giveBack, error: "cancelled") }
        if error is NACK {
            let delay = retryPolicy.redeliveryDelay(afterAttempt: message.attempt)
            let comesAgain = isDurable && isWanted(message, after: delay)
            return ProcessOutcome(comesAgain ? .retry(after: delay, failure: nil) : .accept, error: "nack")
        }
        let record = FailureRecord(describing: error)
        if error is RefusedMessage { return refuse(message, record, context) }
        return ProcessOutcome(settlement(of: message, error, record, context), error: record.code)
    }

    /// What becomes of a message that its handler has failed.
    private func settlement(
        of message: IncomingMessage, _ error: any Error, _ record: FailureRecord, _ context: MessageContext
    ) -> Settlement {
        func complain(_ complaint: Complaint, _ level: Logger.Level, _ text: Logger.Message) {
            let metadata: Logger.Metadata = [LogKey.error: "\(error)", LogKey.errorCode: "\(record.code)"]
            complaints.log(complaint, level, text, metadata, to: context.logger)
        }
        let isFinal = (error as? ProcessingError)?.isFinal == true
        let delay = isFinal ? nil : retryPolicy.delay(afterAttempt: message.attempt)
        if message.kind == .query, !retriesQueries || delay.map({ isWanted(message, after: $0) }) == false {
            complain(.queryFailed, .warning, "a query failed")
            return .reply(failureReply(record, to: message))
        }
        guard isDurable else {
            complain(.eventLost, .error, "an event failed and is gone: its processor has no queue")
            return .accept
        }
        if let delay {
            complain(.retried, .warning, "failed; will be delivered again after \(delay)")
            return .retry(after: delay, failure: record)
        }
        complain(.deadLettered, .error, "failed for good; moved to the dead letters")
        return .deadLetter(record, reply: message.kind == .query ? failureReply(record, to: message) : nil)
    }

    /// Whether somebody still waits for it when it is delivered again.
    private func isWanted(_ message: IncomingMessage, after delay: Duration) -> Bool {
        message.deadline.map { $0 > environment.clock.now.advanced(by: delay) } ?? true
    }

    private func refuse(
        _ message: IncomingMessage, _ record: FailureRecord, _ context: MessageContext
    ) -> ProcessOutcome {
        complaints.log(
            .refused, .error, "refused: \(record.message)", [LogKey.errorCode: "\(record.code)"], to: context.logger)
        guard isDurable else { return ProcessOutcome(.accept, error: record.code) }
        let reply = message.kind == .query ? failureReply(record, to: message) : nil
        return ProcessOutcome(.deadLetter(record, reply: reply), error: record.code)
    }

    private func reply(_ answer: Message, to message: IncomingMessage) -> ProcessOutcome {
        do {
            let body = try answer.encoded(with: environment.serializers.preferred)
            try environment.checkSize(body)
            try answer.headers.validate()
            return ProcessOutcome(.reply(outgoingReply(body: body, headers: answer.headers, failure: nil)))
        } catch {
            return ProcessOutcome(
                .reply(failureReply(FailureRecord(error), to: message)), error: error.code.description)
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
            sentAt: message.sentAt, senderAppID: message.appID, destination: name,
            knownMethod: knownMethod(of: message),
            busLogger: environment.logger)
    }
}
