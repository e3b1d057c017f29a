import HeapModule

/// Which of many things is due first.
///
/// A key that is scheduled anew keeps its older entry too: whoever takes a key out asks its owner what is due by now.
struct DeadlineHeap<Key> {
    private struct Entry: Comparable {
        let deadline: MonotonicInstant
        let key: Key

        static func < (left: Self, right: Self) -> Bool { left.deadline < right.deadline }
        static func == (left: Self, right: Self) -> Bool { left.deadline == right.deadline }
    }

    private var entries = Heap<Entry>()

    /// The earliest deadline.
    var earliest: MonotonicInstant? { entries.min?.deadline }

    /// Makes `key` come out once `deadline` is reached.
    mutating func schedule(_ key: Key, at deadline: MonotonicInstant) {
        entries.insert(Entry(deadline: deadline, key: key))
    }

    /// Takes out one key whose deadline is reached, the earliest first.
    mutating func popDue(at now: MonotonicInstant) -> Key? {
        guard let first = entries.min, first.deadline <= now else { return nil }
        return entries.popMin()?.key
    }
}

/// The earlier of two deadlines, of which either may be missing.
func earlier(_ one: MonotonicInstant?, _ other: MonotonicInstant?) -> MonotonicInstant? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
}
