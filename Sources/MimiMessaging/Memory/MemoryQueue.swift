import DequeModule

/// A queue: messages in order, and the consumers that share them. A pure value.
struct MemoryQueue: Sendable {
    /// What was declared of it. A queue cannot be declared again with something else.
    struct Declaration: Equatable, Sendable {
        var isSingleActive = false
        var arguments: [String: MessageValue] = [:]
        /// It goes with its consumer.
        var isTemporary = false
    }

    private struct Consumer {
        let id: ConsumerID
        let priority: Int
        let prefetch: Int
        var unsettled = 0
    }

    let declaration: Declaration
    /// Messages that can be delivered, by number.
    private(set) var ready: Deque<QueuedMessage> = []
    /// In the order in which their next message is due to them.
    private var consumers: [Consumer] = []
    /// The only consumer that gets messages, in a queue that has but one active consumer.
    private var active: ConsumerID?
    /// How many of its messages wait for their next attempt.
    var delayed = 0
    /// How many of its messages are with processors.
    private(set) var unsettled = 0

    init(_ declaration: Declaration) { self.declaration = declaration }

    /// Puts a message into its place: at the end, or, if it was delivered before and came back, where it was.
    mutating func insert(_ message: QueuedMessage) { ready.insert(message, at: place(of: message.number)) }

    /// Takes a certain message out; nil if it is not here.
    mutating func remove(number: Int) -> QueuedMessage? {
        let index = place(of: number)
        guard index < ready.count, ready[index].number == number else { return nil }
        return ready.remove(at: index)
    }

    mutating func add(_ consumer: ConsumerID, priority: Int, prefetch: Int) {
        consumers.append(Consumer(id: consumer, priority: priority, prefetch: prefetch))
        if active == nil { active = consumer }
    }

    mutating func remove(_ consumer: ConsumerID) {
        consumers.removeAll { $0.id == consumer }
        if active == consumer { active = consumers.first?.id }
    }

    /// The next message and who gets it: of the consumers that have room, one of those with the highest priority, each in
    /// its turn.
    mutating func takeDelivery() -> (message: QueuedMessage, consumer: ConsumerID)? {
        guard !ready.isEmpty, let index = nextConsumer() else { return nil }
        var consumer = consumers.remove(at: index)
        consumer.unsettled += 1
        consumers.append(consumer)
        unsettled += 1
        return (ready.removeFirst(), consumer.id)
    }

    /// A delivery was settled or came back.
    mutating func settled(by consumer: ConsumerID) {
        unsettled -= 1
        // A consumer that was cancelled may still settle what it had.
        guard let index = consumers.firstIndex(where: { $0.id == consumer }) else { return }
        consumers[index].unsettled -= 1
    }

    private func nextConsumer() -> Int? {
        var best: Int?
        for (index, consumer) in consumers.enumerated() where consumer.unsettled < consumer.prefetch {
            if declaration.isSingleActive, consumer.id != active { continue }
            if let best, consumers[best].priority >= consumer.priority { continue }
            best = index
        }
        return best
    }

    /// The index of the first message with this number or a higher one.
    private func place(of number: Int) -> Int {
        if let last = ready.last, last.number < number { return ready.count }
        var low = 0
        var high = ready.count
        while low < high {
            let middle = (low + high) / 2
            if ready[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
