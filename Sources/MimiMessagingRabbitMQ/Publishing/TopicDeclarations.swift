import MimiMessaging
import RabbitMQClient

/// Declares topics on a connection, each once, whoever asks for it; everybody waits under a deadline of his own.
final class TopicDeclarations: Sendable {
    private enum Phase {
        case underWay(waiting: [UInt64])
        case declared
    }

    private let connection: AMQPConnection
    private let topics = Lock<[String: Phase]>([:])
    private let waiters: Waiters<Void>

    init(on connection: AMQPConnection, clock: MessagingClock) {
        self.connection = connection
        waiters = Waiters(clock: clock) { AMQPError(.timeout, "the topic was not declared before the deadline") }
    }

    /// Sees to it that a topic exists, so that an event without listeners is no error.
    func ensure(_ name: String, before deadline: MessagingClock.Instant) async throws {
        if topics.withLock({ if case .declared = $0[name] { true } else { false } }) { return }
        let place = waiters.reserve()
        let (isDeclared, isFirst) = topics.withLock { topics -> (Bool, Bool) in
            switch topics[name] {
            case .declared: return (true, false)
            case .underWay(let waiting):
                topics[name] = .underWay(waiting: waiting + [place])
                return (false, false)
            case nil:
                topics[name] = .underWay(waiting: [place])
                return (false, true)
            }
        }
        guard !isDeclared else { return waiters.release(place) }
        // Apart from the task of the caller, who may give up before the others.
        if isFirst { Task { await declare(name) } }
        try await waiters.wait(place, until: deadline)
    }

    private func declare(_ name: String) async {
        let result: Result<Void, any Error>
        do {
            try await TopologyDeclarer.declare(on: connection) { try await $0.topic(name) }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        let waiting = topics.withLock { topics -> [UInt64] in
            guard case .underWay(let waiting) = topics[name] else { return [] }
            if case .success = result { topics[name] = .declared } else { topics[name] = nil }
            return waiting
        }
        for place in waiting { waiters.end(place, with: result) }
    }
}
