/// What runs of a bus, and what is registered. A pure value: the bus does what it says.
struct BusState: Sendable {
    private(set) var registrations: [Registration] = []
    private var nextID = 0
    /// Whether messages can be sent.
    private(set) var isAdapterStarted = false
    /// The adapter is about to stop; what is under way may finish.
    private var isStopping = false
    /// Whether registered processors are to run.
    private(set) var wantsProcessors = false
    private(set) var active: [Int: ActiveProcessor] = [:]

    mutating func newID() -> Int {
        nextID += 1
        return nextID
    }

    /// Keeps a registration; says whether it has to be started at once.
    /// - Throws: `registration` if its queue has a processor: each would get any message of the queue, also those that
    ///   only the other one knows.
    mutating func add(_ registration: Registration) throws(MessagingError) -> Bool {
        let queue = registration.subscription.durableQueue
        if let queue, registrations.contains(where: { $0.subscription.durableQueue == queue }) {
            throw MessagingError(
                .registration, "the queue '\(queue)' has a processor on this bus already",
                target: registration.dispatcher.name)
        }
        registrations.append(registration)
        return wantsProcessors
    }

    mutating func remove(_ id: Int) { registrations.removeAll { $0.id == id } }

    mutating func adapterStarted() {
        isAdapterStarted = true
        isStopping = false
    }

    /// The bus is going to stop as a whole: whoever sends work to it should look elsewhere.
    mutating func announceStop() { isStopping = true }

    /// The adapter is going to stop: nothing may be sent from here on.
    mutating func adapterStops() -> Bool {
        defer { isAdapterStarted = false }
        return isAdapterStarted
    }

    /// What keeps the bus itself from its work, whatever its adapter says.
    var obstacle: BusObstacle? {
        if isAdapterStarted, !isStopping { return nil }
        let reason = isAdapterStarted ? "it is stopping" : "it is not started"
        return BusObstacle(.stopped, subject: "the bus", reason: reason, stopsSending: true)
    }

    /// Registered processors that do not run yet.
    mutating func processorsWanted() -> [Registration] {
        wantsProcessors = true
        return registrations.filter { active[$0.id] == nil }
    }

    mutating func started(_ processor: ActiveProcessor, id: Int) { active[id] = processor }

    /// Processors that have to stop.
    mutating func processorsUnwanted() -> [ActiveProcessor] {
        wantsProcessors = false
        return takeActive()
    }

    /// Forgets all registrations; returns the processors that have to stop.
    mutating func removeAll() -> [ActiveProcessor] {
        registrations = []
        return takeActive()
    }

    private mutating func takeActive() -> [ActiveProcessor] {
        defer { active = [:] }
        return active.sorted { $0.key < $1.key }.map(\.value)
    }
}
