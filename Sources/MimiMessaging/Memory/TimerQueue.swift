import HeapModule

/// Events that wait for their time. A pure value: somebody else sleeps until ``next``.
struct TimerQueue<Event: Sendable>: Sendable {
    /// Names a scheduled event.
    struct ID: Hashable, Comparable, Sendable {
        fileprivate let number: Int

        static func < (left: ID, right: ID) -> Bool { left.number < right.number }
    }

    private struct Entry: Comparable {
        let deadline: MessagingClock.Instant
        let id: ID

        static func < (left: Entry, right: Entry) -> Bool { (left.deadline, left.id) < (right.deadline, right.id) }
    }

    private var lastID = ID(number: 0)
    private var events: [ID: Event] = [:]
    /// May hold entries of cancelled events; they are left out when they come to the top, or when they are the most.
    private var heap = Heap<Entry>()

    /// When the next event is due; nil if none is scheduled.
    var next: MessagingClock.Instant? { heap.min?.deadline }

    /// How much room the queue takes.
    var entryCount: Int { heap.count }

    /// Events of one time are due in the order in which they were scheduled.
    mutating func schedule(_ event: Event, at deadline: MessagingClock.Instant) -> ID {
        lastID = ID(number: lastID.number + 1)
        events[lastID] = event
        heap.insert(Entry(deadline: deadline, id: lastID))
        return lastID
    }

    /// Forgets an event; one that was due already is none of its business.
    mutating func cancel(_ id: ID) {
        guard events.removeValue(forKey: id) != nil else { return }
        if heap.count > 2 * events.count + 64 {
            heap = Heap(heap.unordered.filter { events[$0.id] != nil })
        }
        dropCancelled()
    }

    /// The first event that is due; nil if none is.
    mutating func takeDue(at now: MessagingClock.Instant) -> Event? {
        guard let first = heap.min, first.deadline <= now else { return nil }
        heap.removeMin()
        defer { dropCancelled() }
        return events.removeValue(forKey: first.id)
    }

    /// Keeps the promise that the top of the heap is alive.
    private mutating func dropCancelled() {
        while let first = heap.min, events[first.id] == nil { heap.removeMin() }
    }
}
