import MimiMessaging
import RabbitMQClient

/// The topics that were declared on one connection: each is declared once, by whoever needs it first, and all others wait
/// for that, each under a deadline.
final class DeclaredTopics: Sendable {
    private enum Phase {
        case declaring([UInt64])
        case declared
    }

    private let state = Lock<[String: Phase]>([:])
    private let waiters: Waiters<Void>
    private let declare: @Sendable (String) async throws -> Void

    /// - Parameter declare: Declares a topic. What it throws is for those who wait; the next one tries again.
    init(clock: MessagingClock, declare: @escaping @Sendable (String) async throws -> Void) {
        waiters = Waiters(clock: clock) { AMQPError(.timeout, "the topic was not declared before the deadline") }
        self.declare = declare
    }

    /// Returns when the topic exists.
    func ensure(_ name: String, before deadline: MessagingClock.Instant) async throws {
        let (place, isFirst): (UInt64?, Bool) = state.withLock { topics in
            if case .declared = topics[name] { return (nil, false) }
            let place = waiters.reserve()
            guard case .declaring(let places) = topics[name] else {
                topics[name] = .declaring([place])
                return (place, true)
            }
            topics[name] = .declaring(places + [place])
            return (place, false)
        }
        guard let place else { return }
        // Apart from the caller, whose deadline or cancellation is none of the others' business.
        if isFirst { Task { await run(name) } }
        try await waiters.wait(place, until: deadline)
    }

    private func run(_ name: String) async {
        let result: Result<Void, any Error>
        do { result = .success(try await declare(name)) } catch { result = .failure(error) }
        let places = state.withLock { topics -> [UInt64] in
            guard case .declaring(let places) = topics[name] else { return [] }
            if case .success = result { topics[name] = .declared } else { topics[name] = nil }
            return places
        }
        for place in places { waiters.end(place, with: result) }
    }
}
