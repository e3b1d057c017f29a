import Logging
import MimiMessaging
import RabbitMQClient

/// Something that lives on the broker's good will: a connection, or a channel with what was set up on it.
protocol SupervisedResource: Sendable {
    /// Returns when it is over, with the reason.
    func ended() async -> AMQPError

    /// Ends it.
    func close() async

    /// Whether it lives on a connection that is under supervision itself.
    static var standsOnLink: Bool { get }
}

/// Keeps one resource alive: establishes it when it is first wanted, and again whenever it ends, without a limit of
/// attempts, until it is stopped. This is the one place in which anything is mended.
final class Supervisor<Resource: SupervisedResource>: Sendable {
    /// A resource and which one it is, so that whoever finds it broken can wait for the next.
    struct Lease: Sendable {
        let resource: Resource
        let number: Int
    }

    private enum Phase {
        case idle
        /// Being established; the error is that of the last attempt.
        case establishing(MessagingError?)
        /// The broker refused it for good; trying goes on slowly, but nobody waits for it.
        case refused(MessagingError)
        case live(Lease)
        case stopped
    }

    private struct State {
        var phase = Phase.idle
        var established = 0
        var loop: Task<Void, Never>?

        var live: Lease? { if case .live(let lease) = phase { lease } else { nil } }
    }

    /// What it is, for people.
    let name: String
    private let clock: MessagingClock
    private let random: RandomSource
    private let logger: Logger
    private let observer: any AdapterObserver
    private let establish: @Sendable () async throws -> Resource
    private let state = Lock(State())
    private let waiters: Waiters<Lease>

    /// - Parameters:
    ///   - name: What it is, for the log.
    ///   - random: Where the jitter of the waits between attempts comes from.
    ///   - observer: Hears when it is lost, refused, and there again; by default nobody does.
    ///   - establish: Makes a new resource. What it throws decides whether the next attempt comes soon.
    init(
        _ name: String, clock: MessagingClock, random: RandomSource, logger: Logger,
        observer: any AdapterObserver = SilentObserver(),
        establish: @escaping @Sendable () async throws -> Resource
    ) {
        self.name = name
        self.clock = clock
        self.random = random
        self.logger = logger
        self.observer = observer
        self.establish = establish
        waiters = Waiters(clock: clock) { WaitExpired() }
    }

    /// The resource, as soon as there is one. Starts establishing it if nobody has.
    /// - Parameters:
    ///   - broken: One that the caller found broken: the next one is wanted.
    ///   - deadline: How long to wait; without, as long as it takes.
    /// - Throws: what the broker refuses it for, at once; `connection` when the deadline passes
    ///   after a failed attempt, `timeout` when there was none; `notStarted` when this was
    ///   stopped; `CancellationError`.
    func lease(after broken: Lease? = nil, before deadline: MessagingClock.Instant? = nil) async throws -> Lease {
        // Nearly always there is one, and no place to wait is needed.
        if let lease = state.withLock({ $0.live }), lease.number != broken?.number { return lease }
        let waiter = waiters.reserve()
        let known: Result<Lease, MessagingError>? = state.withLock { state in
            switch state.phase {
            case .idle:
                state.phase = .establishing(nil)
                state.loop = Task { await run() }
                return nil
            case .establishing: return nil
            case .refused(let error): return .failure(error)
            case .live(let lease): return lease.number == broken?.number ? nil : .success(lease)
            case .stopped: return .failure(.stopped)
            }
        }
        if let known {
            waiters.release(waiter)
            return try known.get()
        }
        do {
            return try await waiters.wait(waiter, until: deadline)
        } catch is WaitExpired {
            throw expiry
        }
    }

    /// The resource, if it is live.
    var current: Resource? {
        state.withLock { $0.live?.resource }
    }

    /// What is the matter with the resource, if it is wanted and not live.
    var obstacle: BusObstacle? {
        state.withLock { state in
            switch state.phase {
            case .idle, .live, .stopped: nil
            case .establishing(let error):
                BusObstacle(.disconnected, subject: name, reason: error?.message ?? "it is being established")
            case .refused(let error): BusObstacle(.refused, subject: name, reason: error.message)
            }
        }
    }

    /// Ends the supervision for good, at once. Whoever waits for the resource gets `notStarted`.
    ///
    /// An attempt to establish it may be under way still; what comes of it is closed. ``finish()`` waits for that.
    /// - Returns: The resource, if there is one; it is left as it is.
    @discardableResult
    func retire() -> Resource? {
        let (loop, resource) = state.withLock { state -> (Task<Void, Never>?, Resource?) in
            defer { state.phase = .stopped }
            if case .live(let lease) = state.phase { return (state.loop, lease.resource) }
            return (state.loop, nil)
        }
        waiters.stop(with: MessagingError.stopped)
        loop?.cancel()
        observer.obstaclesChanged()
        return resource
    }

    /// Returns when nothing is left of a supervision that was ended.
    func finish() async { await state.withLock { $0.loop }?.value }

    /// Ends the supervision and the resource for good.
    func stop() async {
        await retire()?.close()
        await finish()
    }

    private func run() async {
        var backoff = Backoff(random: random)
        /// One incident is one warning, however often it takes to mend it.
        var isReported = false
        while !Task.isCancelled {
            do {
                let resource = try await establish()
                guard let lease = becomesLive(resource) else { return await resource.close() }
                waiters.endAll(with: .success(lease))
                if isReported { logger.info("\(name) is there again") }
                if lease.number > 1 { observer.restored(name) }
                observer.obstaclesChanged()
                let start = clock.now
                let reason = await resource.ended()
                guard isLost(MessagingError(reason)) else { return }
                observer.obstaclesChanged()
                logger.warning("\(name) is lost and will be restored", error: reason)
                isReported = true
                await resource.close()
                let isLinkGone = Resource.standsOnLink && reason.isEndOfConnection
                // What dies young would otherwise be restored in a hot loop. A message that costs its channel is not
                // sent over it again, and the others need not wait for longer each time.
                let isFresh = isLinkGone || reason.blamesAPublish
                if isFresh || start.duration(to: clock.now) > .seconds(10) { backoff.reset() }
                // The link pauses between its own attempts, and establishing waits for it: two pauses would add up.
                if isLinkGone { continue }
            } catch {
                guard !Task.isCancelled else { return }
                let isHarmful = Resource.standsOnLink && (error as? AMQPError)?.isConnectionError == true
                // What the link is refused for: the broker has said nothing about this, which comes back with the link.
                let isLinks = Resource.standsOnLink && !(error is AMQPError)
                let error = MessagingError(adapterError: error)
                let isRefused = isRefused(error)
                observer.obstaclesChanged()
                if isRefused { waiters.endAll(with: .failure(error)) }
                if isRefused, !isLinks {
                    logger.error("\(name) is refused", error: error)
                } else {
                    let text: Logger.Message = "\(name) cannot be established yet"
                    logger.log(level: isReported ? .debug : .warning, text, metadata: [LogKey.error: "\(error)"])
                }
                isReported = true
                let cause: Backoff.Cause =
                    isRefused && !isLinks ? .refusal : isHarmful ? .harm : .failure
                try? await clock.sleep(for: backoff.delay(after: cause))
                continue
            }
            try? await clock.sleep(for: backoff.delay(after: .failure))
        }
    }

    private func becomesLive(_ resource: Resource) -> Lease? {
        state.withLock { state in
            if case .stopped = state.phase { return nil }
            state.established += 1
            let lease = Lease(resource: resource, number: state.established)
            state.phase = .live(lease)
            return lease
        }
    }

    private func isLost(_ reason: MessagingError) -> Bool {
        state.withLock { state in
            if case .stopped = state.phase { return false }
            state.phase = .establishing(reason)
            return true
        }
    }

    private func isRefused(_ error: MessagingError) -> Bool {
        state.withLock { state in
            if case .stopped = state.phase { return false }
            state.phase = error.isRetryable ? .establishing(error) : .refused(error)
            return !error.isRetryable
        }
    }

    /// Why nothing came before the deadline.
    private var expiry: MessagingError {
        state.withLock { state in
            if case .establishing(let last?) = state.phase { return last }
            return MessagingError(.timeout, "\(name) was not established before the deadline")
        }
    }
}

/// The deadline of a wait passed.
private struct WaitExpired: Error {}

extension MessagingError {
    static let stopped = MessagingError(.notStarted, "the bus is stopped")
}
