import MimiMessaging
import MimiMessagingTesting

/// An adapter with one fault, over one without.
final class FaultyAdapter: MessagingAdapter {
    static let name = "faulty"
    static let options: [OptionDefinition] = []

    private let base: any MessagingAdapter
    private let fault: PlantedFault?
    private let sent = Lock(0)
    private let lastReply = Lock<IncomingMessage?>(nil)

    init(_ base: any MessagingAdapter, fault: PlantedFault?) {
        self.base = base
        self.fault = fault
    }

    init(context: AdapterContext) {
        base = MemoryAdapter(context: context)
        fault = nil
    }

    func start(observer: any AdapterObserver) async throws { try await base.start(observer: observer) }

    func stop(deadline: MessagingClock.Instant) async {
        if fault != .ignoresStops { await base.stop(deadline: deadline) }
    }

    func command(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws {
        let (message, queue) = (altered(message), destination(queue))
        let number = sent.withLock { sent in
            sent += 1
            return sent
        }
        switch fault {
        case .losesMessages where number.isMultiple(of: 10): return
        case .confirmsTooEarly: Task { [base] in try await base.command(message, to: queue, deadline: deadline) }
        case .ignoresUnroutable:
            do {
                try await base.command(message, to: queue, deadline: deadline)
            } catch let error as MessagingError where error.code == .unroutable {
                return
            }
        case .sendsTwice:
            try await base.command(message, to: queue, deadline: deadline)
            try await base.command(message, to: queue, deadline: deadline)
        default: try await base.command(message, to: queue, deadline: deadline)
        }
    }

    func query(
        _ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        let (message, queue) = (altered(message), destination(queue))
        switch fault {
        case .crossesReplies:
            let reply = try await base.query(message, to: queue, deadline: deadline)
            return lastReply.withLock { last in
                defer { last = reply }
                return last ?? reply
            }
        case .losesFailures:
            var reply = try await base.query(message, to: queue, deadline: deadline)
            reply.failure = nil
            return reply
        case .ignoresDeadlines:
            return try await base.query(message, to: queue, deadline: deadline.advanced(by: .seconds(3600)))
        case .forgetsExpiry:
            do {
                return try await within(MessagingClock.continuous.now.duration(to: deadline), "the reply") { [base] in
                    // The base is not told that nobody waits any more.
                    try await Task {
                        try await base.query(message, to: queue, deadline: deadline.advanced(by: .seconds(3600)))
                    }.value
                }
            } catch is TimeLimitExceeded {
                throw MessagingError(.timeout, "no reply")
            }
        case .ignoresCancellation:
            return try await Task { [base] in try await base.query(message, to: queue, deadline: deadline) }.value
        default: return try await base.query(message, to: queue, deadline: deadline)
        }
    }

    func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws {
        try await base.event(altered(message), to: destination(topic), deadline: deadline)
    }

    func subscribe(
        _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> any AdapterSubscription {
        var subscription = subscription
        switch subscription.source {
        case .requests(let queue): subscription.source = .requests(queue: destination(queue))
        case .events(let topic, nil) where fault == .sharesTemporaryListeners:
            subscription.source = .events(topic: topic, queue: topic + ".shared")
        case .events(let topic, _) where fault == .forgetsEventQueues:
            subscription.source = .events(topic: topic, queue: nil)
        case .events(let topic, let queue):
            subscription.source = .events(topic: destination(topic), queue: queue.map(destination))
        }
        if fault == .ignoresPrefetch { subscription.prefetch = 1000 }
        if fault == .activatesAll { subscription.isSingleActive = false }
        let isCancelled = Lock(false)
        let running = try await base.subscribe(subscription) { [fault] delivery in
            guard !isCancelled.withLock({ $0 }) else { return }
            receiver(FaultyDelivery(base: delivery, fault: fault))
        }
        return fault == .keepsDelivering ? EndlessSubscription(isCancelled: isCancelled) : running
    }

    private func altered(_ message: OutgoingMessage) -> OutgoingMessage {
        var message = message
        if fault == .cutsBodies { message.body = Array(message.body.prefix(65_536)) }
        if fault == .dropsHeaders { message.headers = [:] }
        return message
    }

    private func destination(_ name: String) -> String {
        fault == .forgetsNamespaces ? String(name.split(separator: ".").last ?? "") : name
    }
}

/// Takes messages that nobody is there for any more.
private struct EndlessSubscription: AdapterSubscription {
    let isCancelled: Lock<Bool>

    func cancel() async { isCancelled.withLock { $0 = true } }

    func close() async {}
}

private struct FaultyDelivery: Delivery {
    let base: any Delivery
    let fault: PlantedFault?
    let message: IncomingMessage

    init(base: any Delivery, fault: PlantedFault?) {
        self.base = base
        self.fault = fault
        var message = base.message
        switch fault {
        case .retriesUnderNewIDs where message.attempt > 1: message.id = RandomID.make()
        case .forgetsAttempts: message.attempt = 1
        case .dropsContentTypes: message.contentType = nil
        default: break
        }
        self.message = message
        if fault == .settlesBeforeHandling { Task { await base.settle(.accept) } }
    }

    var isCurrent: Bool { base.isCurrent || fault == .settlesBeforeHandling }

    func settle(_ settlement: Settlement) async {
        switch (settlement, fault) {
        case (_, .settlesBeforeHandling): break
        case (.deadLetter, .neverDeadLetters), (.giveBack, .losesWhatIsGivenBack): await base.settle(.accept)
        case (.deadLetter(_, let reply), .failsWithoutReason):
            await base.settle(.deadLetter(FailureRecord(code: "error", message: ""), reply: reply))
        case (.giveBack, .countsWhatIsGivenBack): await base.settle(.retry(after: .zero, failure: nil))
        case (.retry(_, let failure), .retriesAtOnce): await base.settle(.retry(after: .zero, failure: failure))
        default: await base.settle(settlement)
        }
    }
}
