import DequeModule

/// Runs the deliveries of one subscription through their processor, a bounded number at a time, and ends in order.
final class DeliveryPump: Sendable {
    private struct State {
        var isDraining = false
        /// There is no more time to drain.
        var isExpired = false
        var waiting: Deque<any Delivery> = []
        var workers: [Int: Worker] = [:]
        /// How many of the workers handle deliveries: never more than the bound. The others settle their last one.
        var handling = 0
        /// Whether a worker is on its way that has not looked for work yet.
        var isStarting = false
        var nextID = 0
        /// Called when no worker is left.
        var drained: (@Sendable () -> Void)?

        /// Adds a worker if there is work for one, and names it.
        ///
        /// One at a time: it adds the next when it finds more. So deliveries whose handlers do not suspend are worked off by
        /// a few workers, however many come at once, and a handler that waits makes room for the next.
        mutating func addWorker(_ concurrency: Int) -> Int? {
            guard !waiting.isEmpty, !isStarting, handling < concurrency else { return nil }
            isStarting = true
            handling += 1
            nextID += 1
            workers[nextID] = Worker()
            return nextID
        }

        mutating func takeWaiting() -> Deque<any Delivery> {
            defer { waiting = [] }
            return waiting
        }

        mutating func takeDrained() -> (@Sendable () -> Void)? {
            defer { drained = nil }
            return drained
        }
    }

    private struct Worker {
        var task: Task<Void, Never>?
        /// What it handles. Whoever takes it from here settles it: the worker, or the pump when the time is over.
        var current: (any Delivery)?

        mutating func takeCurrent() -> (any Delivery)? {
            defer { current = nil }
            return current
        }
    }

    private let dispatcher: MessageDispatcher
    private let concurrency: Int
    /// Fills the dead letters no faster than somebody can notice.
    private let burials: Pacer
    private let state = Lock(State())

    init(dispatcher: MessageDispatcher, concurrency: Int) {
        self.dispatcher = dispatcher
        self.concurrency = concurrency
        burials = Pacer(perSecond: dispatcher.environment.deadLetterRate, clock: dispatcher.environment.clock)
    }

    /// Takes a delivery; never blocks.
    func receive(_ delivery: any Delivery) {
        let (worker, late): (Int?, Deque<any Delivery>) = state.withLock { state in
            state.waiting.append(delivery)
            guard !state.isDraining else { return (nil, state.takeWaiting()) }
            return (state.addWorker(concurrency), [])
        }
        if let worker { start(worker) }
        if !late.isEmpty { Task { await giveBack(late) } }
    }

    /// Ends: what waits is given back at once, what is being handled may finish until the caller's task is cancelled,
    /// and is then cancelled as well and given back.
    func drain() async {
        let waiting = state.withLock { state in
            state.isDraining = true
            return state.takeWaiting()
        }
        await giveBack(waiting)
        await waitForWorkers()
        let (tasks, late): ([Task<Void, Never>], Deque<any Delivery>) = state.withLock { state in
            state.isExpired = true
            var late: Deque<any Delivery> = []
            for id in state.workers.keys {
                if let delivery = state.workers[id]?.takeCurrent() { late.append(delivery) }
            }
            return (state.workers.values.compactMap(\.task), late)
        }
        for task in tasks { task.cancel() }
        await giveBack(late)
    }

    private func waitForWorkers() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.workers.isEmpty || state.isExpired else {
                        state.drained = { continuation.resume() }
                        return false
                    }
                    return true
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.isExpired = true
                return state.takeDrained()
            }
            waiter?()
        }
    }

    private func start(_ worker: Int) {
        // Detached: a handler has nothing to do with the task that happened to hand the delivery over, nor with its
        // task-locals and priority.
        let task = Task.detached { [self] in await work(worker) }
        let isExpired = state.withLock { state in
            state.workers[worker]?.task = task
            return state.isExpired
        }
        if isExpired { task.cancel() }
    }

    private func work(_ worker: Int) async {
        state.withLock { $0.isStarting = false }
        while let delivery = takeNext(worker) {
            // What the bus delivers again anyway need not be handled twice.
            let settlement = delivery.isCurrent ? await dispatcher.process(delivery.message) : .giveBack
            guard settlement.takesCopy else {
                await settle(delivery, settlement, worker)
                continue
            }
            // Another worker handles what waits in the meantime: bad messages must not hold up the good ones. How many are
            // settled at a time is the adapter's to bound: it has only so many deliveries out.
            makeRoom()
            if case .deadLetter = settlement { await burials.turn() }
            await settle(delivery, settlement, worker)
            return leave(worker)
        }
        leave(worker)
    }

    private func settle(_ delivery: any Delivery, _ settlement: Settlement, _ worker: Int) async {
        let isMine = state.withLock { $0.workers[worker]?.takeCurrent() != nil }
        if isMine { await delivery.settle(settlement) }
    }

    /// The next delivery for a worker that is free, or nil when there is none and the worker has to end.
    private func takeNext(_ worker: Int) -> (any Delivery)? {
        let (next, helper): ((any Delivery)?, Int?) = state.withLock { state in
            guard !state.isDraining, let delivery = state.waiting.popFirst() else {
                state.handling -= 1
                return (nil, nil)
            }
            state.workers[worker]?.current = delivery
            return (delivery, state.addWorker(concurrency))
        }
        if let helper { start(helper) }
        return next
    }

    /// A worker has handled its last delivery.
    private func makeRoom() {
        let successor = state.withLock { state in
            state.handling -= 1
            return state.addWorker(concurrency)
        }
        if let successor { start(successor) }
    }

    /// A worker ends.
    private func leave(_ worker: Int) {
        let drained = state.withLock { state in
            state.workers[worker] = nil
            return state.workers.isEmpty ? state.takeDrained() : nil
        }
        drained?()
    }

    private func giveBack(_ deliveries: Deque<any Delivery>) async {
        for delivery in deliveries { await delivery.settle(.giveBack) }
    }
}

extension Settlement {
    /// Whether a copy has to be kept safe first, which takes a while.
    fileprivate var takesCopy: Bool {
        switch self {
        case .retry, .deadLetter: true
        case .accept, .reply, .giveBack: false
        }
    }
}
