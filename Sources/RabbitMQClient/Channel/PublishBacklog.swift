import DequeModule

/// The publishes of one channel that have not been encoded yet, in the order in which they came.
///
/// Requests that are over stay inside until they reach the front, or until they are the larger part.
struct PublishBacklog {
    private var requests = Deque<PublishRequest>()
    private var overAtMost = 0

    /// The next one to send.
    var first: PublishRequest? {
        mutating get {
            while let first = requests.first {
                guard first.isOver else { return first }
                requests.removeFirst()
            }
            overAtMost = 0
            return nil
        }
    }

    mutating func append(_ request: PublishRequest) { requests.append(request) }

    /// Takes out ``first``.
    mutating func removeFirst() { requests.removeFirst() }

    /// Notes that a request ended that may be in here, and clears up when it is worth it.
    mutating func noteEnded() {
        overAtMost += 1
        guard overAtMost > 64, overAtMost > requests.count / 2 else { return }
        requests.removeAll { $0.isOver }
        overAtMost = 0
    }

    /// Calls `each` for all that are not over.
    func forEach(_ each: (PublishRequest) -> Void) {
        for request in requests where !request.isOver { each(request) }
    }

    /// Takes out everything: the channel is gone.
    mutating func removeAll() -> Deque<PublishRequest> {
        defer { requests = [] }
        return requests
    }
}
