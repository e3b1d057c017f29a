/// Values by key, made when they are first wanted and kept. At most so many keys get a value of their own: what comes from
/// outside cannot make it grow without end.
final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let limit: Int
    private let make: @Sendable (Key) -> Value
    private let values = Lock<[Key: Value]>([:])

    /// - Parameters:
    ///   - limit: How many keys get a value.
    ///   - make: Makes a value. Two tasks may make one for the same key at the same time; one of them is kept.
    init(limit: Int, make: @escaping @Sendable (Key) -> Value) {
        self.limit = limit
        self.make = make
    }

    /// The value for a key.
    /// - Returns: nil if the key is one too many.
    subscript(key: Key) -> Value? {
        let (known, isFull) = values.withLock { ($0[key], $0.count >= limit) }
        if known != nil || isFull { return known }
        let made = make(key)
        return values.withLock { values in
            guard values[key] == nil, values.count < limit else { return values[key] }
            values[key] = made
            return made
        }
    }
}
