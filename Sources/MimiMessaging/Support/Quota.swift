/// Counts what is under way, up to a limit.
final class Quota: Sendable {
    private let limit: Int
    private let taken = Lock(0)

    init(_ limit: Int) { self.limit = limit }

    /// Takes a place, if one is free; ``leave()`` gives it back.
    /// - Returns: Whether one was.
    func enter() -> Bool {
        taken.withLock { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
    }

    /// Gives a place back.
    func leave() { taken.withLock { $0 -= 1 } }
}
