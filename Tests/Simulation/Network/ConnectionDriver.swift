import RabbitMQClient

/// Gives a connection's loop its turns, as its thread would: when a command comes, when its transport is ready, and when
/// time is up.
// Unchecked: a simulation has one thread.
final class ConnectionDriver: @unchecked Sendable {
    private(set) var hasFinished = false
    /// A process that is dead gets no turns.
    var isFrozen = false {
        didSet { if !isFrozen { schedule() } }
    }
    private let scheduler: Scheduler
    private let transport: SimulatedTransport
    private var loop: ConnectionLoop?
    private var wait: ConnectionLoop.Wait?
    private var isScheduled = false
    private var nextTimer: Duration?

    init(transport: SimulatedTransport, scheduler: Scheduler) {
        self.transport = transport
        self.scheduler = scheduler
        transport.onChange = { [weak self] in self?.transportChanged() }
    }

    func start(_ loop: ConnectionLoop) {
        self.loop = loop
        schedule()
    }

    /// What the connection's thread does when a command comes while it sleeps: serves it at once, or takes a turn.
    func commandCame() {
        guard !isFrozen, let loop, let wait, loop.serve(during: wait, now: scheduler.instant) else { return schedule() }
    }

    /// A turn as soon as the world gets round to it.
    func schedule() {
        guard !isScheduled, !isFrozen, !hasFinished else { return }
        isScheduled = true
        scheduler.soon { [self] in turn() }
    }

    private func transportChanged() {
        if isTransportReady { schedule() }
    }

    private var isTransportReady: Bool {
        guard let wait else { return false }
        return wait.read && transport.isReadable || wait.write && transport.isWritable
    }

    private func turn() {
        isScheduled = false
        guard !isFrozen, !hasFinished, let loop else { return }
        if let wait { loop.process(now: scheduler.instant, readable: wait.read && transport.isReadable) }
        switch loop.advance(now: scheduler.instant) {
        case .finished:
            hasFinished = true
            loop.resumeClosers()
            self.loop = nil
        case .wait(let wait):
            self.wait = wait
            if !loop.announceSleep() || isTransportReady { return schedule() }
            if let until = wait.until { wakeUp(at: scheduler.time(of: until)) }
        }
    }

    private func wakeUp(at time: Duration) {
        guard time > scheduler.now else { return schedule() }
        if let nextTimer, nextTimer > scheduler.now, nextTimer <= time { return }
        nextTimer = time
        scheduler.at(time) { [weak self] in self?.schedule() }
    }
}
