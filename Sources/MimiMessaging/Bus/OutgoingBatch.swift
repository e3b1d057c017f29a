/// The messages of a batch that have passed the middleware, with their positions.
final class OutgoingBatch: Sendable {
    private struct State {
        var messages: [OutgoingMessage] = []
        var positions: [Int] = []
        var next = 0
    }

    private let state = Lock(State())

    /// Says which position the next message has.
    func begin(_ position: Int) { state.withLock { $0.next = position } }

    /// Takes the message that has come through.
    func add(_ message: OutgoingMessage) {
        state.withLock { state in
            state.messages.append(message)
            state.positions.append(state.next)
        }
    }

    /// What is to be sent, and which position each of it has.
    var contents: (messages: [OutgoingMessage], positions: [Int]) {
        state.withLock { ($0.messages, $0.positions) }
    }
}
