import MimiMessagingTesting

@testable import MimiMessaging

/// An adapter that notes what it is asked for, and fails when told so.
final class ScriptedAdapter: MessagingAdapter {
    struct Script: Sendable {
        var startError: MessagingError?
        /// Starting takes until its task is cancelled.
        var startHangs = false
        /// Subscribing to this queue or topic fails.
        var brokenSource: String?
        var calls: [String] = []
        var sent: [OutgoingMessage] = []
        var deadlines: [MessagingClock.Instant] = []
        /// Whether each message was handed over on the main actor.
        var onMainActor: [Bool] = []
        var obstacles: [BusObstacle] = []
        /// Who listens since the last start.
        var observer: (any AdapterObserver)?
    }

    private struct Running: AdapterSubscription {
        let name: String
        let adapter: ScriptedAdapter

        func cancel() async { adapter.note("cancel \(name)") }

        func close() async {}
    }

    static let name = "scripted"
    static let options = [OptionDefinition("mq_scripted", "Nothing.")]

    let script = Lock(Script())
    /// The calls as they come, to wait for.
    let journal = Journal<String>()

    init() {}

    init(context: AdapterContext) throws {
        if try context.options.string("mq_scripted") == "broken" {
            throw MessagingError(.configuration, "the option 'mq_scripted' is broken")
        }
    }

    var calls: [String] { script.withLock { $0.calls } }

    private func note(_ call: String) {
        script.withLock { $0.calls.append(call) }
        journal.note(call)
    }

    func start(observer: any AdapterObserver) async throws {
        note("start")
        script.withLock { $0.observer = observer }
        if script.withLock({ $0.startHangs }) { try await Gate().wait() }
        if let error = script.withLock({ $0.startError }) { throw error }
    }

    func stop(deadline: MessagingClock.Instant) async { note("stop") }

    var obstacles: [BusObstacle] { script.withLock { $0.obstacles } }

    /// Meets with obstacles, or gets rid of them, and says so.
    func meet(_ obstacles: BusObstacle...) {
        let observer = script.withLock { script in
            script.obstacles = obstacles
            return script.observer
        }
        observer?.obstaclesChanged()
    }

    private func record(
        _ call: String, _ message: OutgoingMessage, _ deadline: MessagingClock.Instant,
        isolation: isolated (any Actor)? = #isolation
    ) {
        script.withLock { script in
            script.onMainActor.append(isolation === MainActor.shared)
            script.calls.append(call)
            script.sent.append(message)
            script.deadlines.append(deadline)
        }
    }

    func command(_ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant) async throws {
        record("command \(queue)", message, deadline)
    }

    func query(
        _ message: OutgoingMessage, to queue: String, deadline: MessagingClock.Instant
    ) async throws -> IncomingMessage {
        record("query \(queue)", message, deadline)
        return IncomingMessage(
            kind: .reply, headers: message.headers, body: message.body, contentType: message.contentType)
    }

    func event(_ message: OutgoingMessage, to topic: String, deadline: MessagingClock.Instant) async throws {
        record("event \(topic)", message, deadline)
    }

    func subscribe(
        _ subscription: Subscription, receiver: @escaping @Sendable (any Delivery) -> Void
    ) async throws -> any AdapterSubscription {
        let name =
            switch subscription.source {
            case .requests(let queue): queue
            case .events(let topic, let queue): "\(topic)>\(queue ?? "")"
            }
        note("subscribe \(name)")
        if script.withLock({ $0.brokenSource }) == name {
            throw MessagingError(.topology, "the queue exists with other arguments")
        }
        return Running(name: name, adapter: self)
    }
}
