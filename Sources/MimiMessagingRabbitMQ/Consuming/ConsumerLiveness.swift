import MimiMessaging
import RabbitMQClient

/// Whether deliveries of a consumer's channel can still be settled, how many are not, and the way to give it up.
final class ConsumerLiveness: Sendable {
    private struct State {
        var isLive = true
        var delivered = 0
        var unsettled = 0
    }

    private let state = Lock(State())
    /// Why the channel is to be closed, and all to be declared and subscribed anew.
    let cancellation = Cancellation()

    /// Whether settling can still reach the broker.
    var isCurrent: Bool { state.withLock { $0.isLive } }

    /// What came so far, and what of it is not settled.
    var deliveries: (delivered: Int, unsettled: Int) { state.withLock { ($0.delivered, $0.unsettled) } }

    /// A delivery came.
    func delivered() {
        state.withLock { state in
            state.delivered += 1
            state.unsettled += 1
        }
    }

    /// A delivery got its verdict.
    func settled() { state.withLock { $0.unsettled -= 1 } }

    /// The channel is gone.
    func end() { state.withLock { $0.isLive = false } }
}
