import Logging
import MimiMessaging
import RabbitMQClient

/// Sends over a supervised channel, again over the next one when it breaks, until the deadline.
///
/// The broker closes a channel for the sake of one message that it refuses (too large for it, no permission), and does not
/// say which. So each of those that were on their way goes once more, alone over a second channel: the guilty one fails
/// there, the others do not notice.
struct ChannelLane<Channel: SupervisedResource>: Sendable {
    private let channels: Supervisor<Channel>
    private let isolated: Supervisor<Channel>
    private let turns: Turns
    private let clock: MessagingClock

    /// - Parameters:
    ///   - name: What the channel is, for the log.
    ///   - random: Varies the pauses between attempts.
    ///   - observer: Hears when a channel is lost and there again.
    ///   - open: Opens one.
    init(
        _ name: String, clock: MessagingClock, random: RandomSource, logger: Logger, observer: any AdapterObserver,
        open: @escaping @Sendable () async throws -> Channel
    ) {
        self.clock = clock
        channels = Supervisor(
            name, clock: clock, random: random, logger: logger, observer: observer, establish: open)
        isolated = Supervisor(
            "\(name) for one message at a time", clock: clock, random: random, logger: logger, observer: observer,
            establish: open)
        turns = Turns(clock: clock) { MessagingError(.timeout, "the message was not sent before the deadline") }
    }

    /// Sends, as often as it takes.
    /// - Parameters:
    ///   - deadline: When to give up.
    ///   - attempt: Sends over a channel. It calls its second argument when the broker has taken the message, if it
    ///     goes on to wait for something else.
    /// - Throws: ``MessagingError``, `CancellationError`.
    func send<Result>(
        before deadline: MessagingClock.Instant, _ attempt: (Channel, _ taken: () -> Void) async throws -> Result
    ) async throws -> Result {
        var transmissions = Transmissions()
        do {
            return try await sendWithOthers(before: deadline, noting: &transmissions, attempt)
        } catch {
            throw transmissions.outcome(of: error)
        }
    }

    /// Ends the channels. What waits fails once their connection is closed.
    func retire() {
        channels.retire()
        isolated.retire()
    }

    /// Returns when nothing is left of them.
    func finish() async {
        await channels.finish()
        await isolated.finish()
    }

    private func sendWithOthers<Result>(
        before deadline: MessagingClock.Instant, noting transmissions: inout Transmissions,
        _ attempt: (Channel, _ taken: () -> Void) async throws -> Result
    ) async throws -> Result {
        var broken: Supervisor<Channel>.Lease?
        while true {
            let lease = try await channels.lease(after: broken, before: deadline)
            do {
                return try await attempt(lease.resource) {}
            } catch let error as AMQPError where (error.blamesAPublish || error.isLinkLoss) && clock.now < deadline {
                transmissions.lost(error)
                if error.blamesAPublish, error.mayHaveReachedBroker {
                    return try await sendAlone(before: deadline, noting: &transmissions, attempt)
                }
                broken = lease
            }
        }
    }

    private func sendAlone<Result>(
        before deadline: MessagingClock.Instant, noting transmissions: inout Transmissions,
        _ attempt: (Channel, _ taken: () -> Void) async throws -> Result
    ) async throws -> Result {
        var broken: Supervisor<Channel>.Lease?
        while true {
            let turn = try await turns.take(before: deadline)
            defer { turn.pass() }
            let lease = try await isolated.lease(after: broken, before: deadline)
            do {
                return try await attempt(lease.resource) { turn.pass() }
            } catch let error as AMQPError where error.isLinkLoss && clock.now < deadline {
                transmissions.lost(error)
                broken = lease
            }
        }
    }
}
