import DequeModule

/// Names a link between an adapter and the in-memory broker, from one start to the next stop.
struct LinkID: Hashable, Sendable {
    fileprivate let number: Int
}

/// Names a subscription.
struct ConsumerID: Hashable, Sendable {
    /// Whose subscription it is.
    let link: LinkID
    fileprivate let number: Int
}

/// Names a delivery that is not settled.
struct DeliveryTag: Hashable, Comparable, Sendable {
    fileprivate let number: Int

    static func < (left: DeliveryTag, right: DeliveryTag) -> Bool { left.number < right.number }
}

/// What the in-memory broker knows. A pure value: its methods change it and note what the broker has to do then
/// (``BrokerEffects``).
struct BrokerState: Sendable {
    /// An adapter that is started.
    struct Link: Sendable {
        let clock: MessagingClock
        let maximumBodySize: Int
        var replies = PendingReplies()
        /// Who waits until it is closed; not empty from when closing begins.
        var closing: [CheckedContinuation<Void, Never>] = []
        /// What ends that wait.
        var closingTimer: TimerQueue<BrokerEvent>.ID?

        init(clock: MessagingClock, maximumBodySize: Int) {
            self.clock = clock
            self.maximumBodySize = maximumBodySize
        }
    }

    /// A subscription that runs.
    struct Consumer: Sendable {
        let queue: String
        let receiver: @Sendable (any Delivery) -> Void
    }

    /// A delivery until it is settled.
    struct Unsettled: Sendable {
        let message: QueuedMessage
        let queue: String
        let consumer: ConsumerID
    }

    /// A delivery on its way to its receiver.
    struct HandOver: Sendable {
        let tag: DeliveryTag
        let message: IncomingMessage
        let receiver: @Sendable (any Delivery) -> Void
    }

    var queues: [String: MemoryQueue] = [:]
    /// The queues that listen to each topic, in the order in which they began.
    var topics: [String: [String]] = [:]
    var links: [LinkID: Link] = [:]
    var consumers: [ConsumerID: Consumer] = [:]
    var unsettled: [DeliveryTag: Unsettled] = [:]
    var timers = TimerQueue<BrokerEvent>()
    /// Deliveries that are to be handed over, in this order.
    var outbox: Deque<DeliveryTag> = []
    /// Whether somebody is handing over.
    var isHandingOver = false
    /// Whose delivery is being handed over right now.
    var receiving: ConsumerID?
    /// Who waits until nothing is being handed over to a consumer.
    var cancelling: [ConsumerID: [CheckedContinuation<Void, Never>]] = [:]
    /// Who looks at the broker and waits for something.
    var watchers: [Int: Watcher] = [:]
    var effects = BrokerEffects()
    private var alarm = BrokerAlarm()
    private var lastNumber = 0

    /// A number that was not given before; numbers grow.
    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func nextConsumerID(on link: LinkID) -> ConsumerID { ConsumerID(link: link, number: nextNumber()) }

    mutating func nextTag() -> DeliveryTag { DeliveryTag(number: nextNumber()) }

    /// Opens a link.
    mutating func open(_ link: Link) -> LinkID {
        let id = LinkID(number: nextNumber())
        links[id] = link
        return id
    }

    /// What the broker has to do after a change.
    mutating func takeEffects() -> BrokerEffects {
        if !outbox.isEmpty, !isHandingOver {
            isHandingOver = true
            effects.handsOver = true
        }
        satisfyWatchers()
        effects.alarm = alarm.change(for: timers.next)
        defer { effects = BrokerEffects() }
        return effects
    }

    /// The alarm rang; what is due is done as after every other change.
    mutating func alarmRang(_ turn: Int) { alarm.rang(turn) }

    /// Does what is due, so that nothing else meets what should have happened before.
    mutating func runTimers(at now: MessagingClock.Instant) {
        while let event = timers.takeDue(at: now) {
            switch event {
            case .retry(let message, let queue):
                queues[queue]?.delayed -= 1
                enqueue(message, to: queue, at: now)
            case .expire(let number, let queue):
                _ = queues[queue]?.remove(number: number)
            case .giveUp(let address):
                fail(address, MessagingError(.timeout, "no reply came in time"), at: now)
            case .close(let link):
                finishClosing(link, at: now)
            }
        }
    }
}
