// The code of WritingAnAdapter.md.

import MimiMessaging

/// Carries messages straight to the processors of the same process.
public final class DirectAdapter: MessagingAdapter {
    public static let name = "direct"
    public static let options: [OptionDefinition] = []

    private let desk = Desk()
    private let clock: MessagingClock

    public init(context: AdapterContext) { clock = context.clock }

    public func start(observer: any AdapterObserver) async throws {}

    public func stop(deadline: MessagingClock.Instant) async {}

    public func command(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws {
        deliver(IncomingMessage(message), to: try await desk.receiver(of: queue))
    }

    public func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws {
        for receiver in await desk.listeners(to: topic) {
            deliver(IncomingMessage(message), to: receiver)
        }
    }

    public func query(
        _ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        let receiver = try await desk.receiver(of: queue)
        var request = IncomingMessage(message)
        request.deadline = deadline
        let (replies, reply) = AsyncStream<IncomingMessage>.makeStream()
        deliver(request, to: receiver) { reply.yield($0) }

        // The reply, the deadline or a cancellation, whichever is first.
        return try await withThrowingTaskGroup { [clock] group in
            group.addTask {
                for await reply in replies { return reply }
                throw CancellationError()
            }
            group.addTask {
                try await clock.sleep(until: deadline)
                throw MessagingError(.timeout, "no reply before the deadline")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    public func subscribe(
        _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> any AdapterSubscription {
        let id = await desk.add(subscription.source, receiver)
        return DirectSubscription(desk: desk, id: id)
    }

    private func deliver(
        _ message: IncomingMessage, to receiver: @escaping Desk.Receiver,
        reply: @escaping @Sendable (IncomingMessage) -> Void = { _ in }
    ) {
        receiver(DirectDelivery(message: message, receiver: receiver, reply: reply, clock: clock))
    }
}

/// A message on a processor's table.
struct DirectDelivery: Delivery {
    let message: IncomingMessage
    let receiver: @Sendable (any Delivery) -> Void
    let reply: @Sendable (IncomingMessage) -> Void
    let clock: MessagingClock

    /// There is no link that could be lost.
    var isCurrent: Bool { true }

    func settle(_ settlement: Settlement) async {
        switch settlement {
        case .accept: break
        case .reply(let answer): reply(IncomingMessage(answer))
        case .deadLetter(_, let answer): if let answer { reply(IncomingMessage(answer)) }
        case .giveBack: deliver(message)
        case .retry(let delay, _):
            var next = message
            next.attempt += 1
            // Settling must not wait for the retry.
            Task { [next] in
                try? await clock.sleep(for: delay)
                deliver(next)
            }
        }
    }

    private func deliver(_ message: IncomingMessage) {
        receiver(DirectDelivery(message: message, receiver: receiver, reply: reply, clock: clock))
    }
}

/// Who listens to what.
actor Desk {
    typealias Receiver = @Sendable (any Delivery) -> Void

    private var subscriptions: [Int: (source: Subscription.Source, receiver: Receiver)] = [:]
    private var lastID = 0

    func add(_ source: Subscription.Source, _ receiver: @escaping Receiver) -> Int {
        lastID += 1
        subscriptions[lastID] = (source, receiver)
        return lastID
    }

    func remove(_ id: Int) { subscriptions[id] = nil }

    func receiver(of queue: String) throws -> Receiver {
        let found = subscriptions.values.first { $0.source == .requests(queue: queue) }
        guard let found else { throw MessagingError(.unroutable, "nobody processes this queue") }
        return found.receiver
    }

    func listeners(to topic: String) -> [Receiver] {
        subscriptions.values.filter { if case .events(topic, _) = $0.source { true } else { false } }.map(\.receiver)
    }
}

struct DirectSubscription: AdapterSubscription {
    let desk: Desk
    let id: Int

    /// No more deliveries come when this returns.
    func cancel() async { await desk.remove(id) }

    /// What is not settled would be delivered again by a bus that keeps messages.
    func close() async {}
}

extension IncomingMessage {
    /// A message as it arrives, if nothing is between its sender and its receiver.
    init(_ message: OutgoingMessage) {
        self.init(
            kind: message.kind, id: message.id, method: message.method, headers: message.headers, body: message.body,
            contentType: message.contentType, appID: message.appID, failure: message.failure)
    }
}
