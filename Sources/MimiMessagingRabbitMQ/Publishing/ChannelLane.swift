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
        before deadline: MessagingClock.Instant,
        _ attempt: (Channel, _ taken: @escaping @Sendable () -> Void) async throws -> Result
    ) async throws -> Result {
        var transmissions = Transmissions()
        do {
            return try await sendWithOthers(before: deadline, noting: &transmissions, attempt)
        } catch {
            throw try transmissions.failure(error)
        }
    }

    /// Sends many messages under one wait, those that went down with a channel again.
    /// - Parameters:
    ///   - messages: What is sent.
    ///   - deadline: When to give up.
    ///   - attempt: Sends some of them over a channel, and returns the outcome of each.
    /// - Returns: Why some failed, by their position.
    /// - Throws: `CancellationError`.
    func send<Message>(
        batch messages: [Message], before deadline: MessagingClock.Instant,
        _ attempt: (Channel, [Message]) async throws -> [Swift.Result<Void, any Error>]
    ) async throws -> [Int: MessagingError] {
        var failures: [Int: MessagingError] = [:]
        var transmissions = Array(repeating: Transmissions(), count: messages.count)
        var (open, suspects) = (Array(messages.indices), [Int]())
        var broken: Supervisor<Channel>.Lease?
        while !open.isEmpty {
            var outcomes: [Swift.Result<Void, any Error>]
            do {
                let lease = try await channels.lease(after: broken, before: deadline)
                broken = lease
                outcomes = try await attempt(lease.resource, open.map { messages[$0] })
            } catch {
                outcomes = Array(repeating: .failure(error), count: open.count)
            }
            var again: [Int] = []
            for (index, outcome) in zip(open, outcomes) {
                guard case .failure(let error) = outcome else { continue }
                if let error = error as? AMQPError, error.isLinkLoss || error.blamesAPublish, clock.now < deadline {
                    transmissions[index].lost(error)
                    if error.blamesAPublish, error.mayHaveReachedBroker {
                        suspects.append(index)
                    } else {
                        again.append(index)
                    }
                } else {
                    failures[index] = try transmissions[index].failure(error)
                }
            }
            open = again
        }
        for index in suspects {
            do {
                try await sendAlone(before: deadline, noting: &transmissions[index]) { channel, _ in
                    try await attempt(channel, [messages[index]])[0].get()
                }
            } catch {
                failures[index] = try transmissions[index].failure(error)
            }
        }
        return failures
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
        _ attempt: (Channel, _ taken: @escaping @Sendable () -> Void) async throws -> Result
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
        _ attempt: (Channel, _ taken: @escaping @Sendable () -> Void) async throws -> Result
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
