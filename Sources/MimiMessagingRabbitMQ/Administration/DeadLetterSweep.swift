package import MimiMessaging
import RabbitMQClient

/// What becomes of a dead letter that was looked at.
package enum DeadLetterVerdict: Sendable {
    /// It stays where it is.
    case keep
    /// It is deleted.
    case drop
    /// It is sent to its queue again, as it was sent first.
    case replay
    /// It stays, and no more are looked at.
    case stop
}

/// What has become of the dead letters that were looked at.
package struct DeadLetterTally: Hashable, Sendable {
    /// How many stay.
    package internal(set) var kept = 0
    /// How many are deleted.
    package internal(set) var dropped = 0
    /// How many were sent again, confirmed, and then removed.
    package internal(set) var replayed = 0

    /// Nothing yet.
    package init() {}
}

extension BrokerAdministration {
    /// Looks at each dead letter that is there now, oldest first, and does with it what `judge` says.
    ///
    /// A replay is confirmed before the dead letter is acknowledged: ended at any point, it leaves a message twice at worst,
    /// and never loses one. What is not judged, and what is kept, goes back when this returns or the process ends. While
    /// this runs, others do not see what it has looked at.
    ///
    /// - Parameters:
    ///   - queue: The queue whose dead letters they are.
    ///   - concurrency: How many replays may wait for their confirms.
    ///   - tally: Counts along, for whoever wants to know how far this has come, also when it throws.
    ///   - judge: Says what becomes of a dead letter. One that cannot be read is not replayed but kept.
    /// - Throws: ``MessagingError`` with `unroutable` if the queue has no dead letters' queue, or when a replay finds no
    ///   queue; and what `judge` throws.
    package func sweepDeadLetters(
        of queue: String, concurrency: Int = 64, tally: Lock<DeadLetterTally>,
        judge: (DeadMessage) async throws -> DeadLetterVerdict
    ) async throws {
        let topology = try topology(of: queue)
        do {
            try await onChannel { reader in
                try await onChannel { sender in
                    try await sender.selectConfirms()
                    try await DeadLetterSweep(topology: topology, reader: reader, sender: sender, tally: tally)
                        .run(concurrency: concurrency, judge: judge)
                }
            }
        } catch let error as AMQPError where error.replyCode == 404 {
            throw MessagingError(
                .unroutable, "there is no queue for its dead letters ('\(topology.deadLetterQueue)')", target: queue)
        } catch {
            throw Self.outward(error)
        }
    }
}

/// One pass over the dead letters of a queue.
private struct DeadLetterSweep {
    let topology: QueueTopology
    let reader: AMQPChannel
    let sender: AMQPChannel
    let tally: Lock<DeadLetterTally>

    /// How long a replay may wait for its confirm.
    private static let confirmTimeout = Duration.seconds(30)

    func run(concurrency: Int, judge: (DeadMessage) async throws -> DeadLetterVerdict) async throws {
        let decoder = MessageDecoder(clock: .continuous, replyQueuePrefix: topology.configuration.replyQueuePrefix)
        // What comes in later, perhaps out of what is replayed, is not looked at: this would never end.
        let present = try await reader.declareQueue(topology.deadLetterQueue, passive: true).messageCount
        try await withThrowingTaskGroup(of: Void.self) { replays in
            var running = 0
            for _ in 0..<present {
                try Task.checkCancellation()
                guard let delivery = try await reader.get(topology.deadLetterQueue) else { break }
                let letter = DeadMessage(delivery, decoder: decoder)
                switch (try await judge(letter), letter.original) {
                case (.stop, _): return try await replays.waitForAll()
                case (.drop, _):
                    reader.ack(delivery.tag)
                    tally.withLock { $0.dropped += 1 }
                case (.replay, let original?):
                    if running == concurrency {
                        try await replays.next()
                        running -= 1
                    }
                    running += 1
                    replays.addTask { try await replay(original, delivery.tag) }
                case (.keep, _), (.replay, nil):
                    tally.withLock { $0.kept += 1 }
                }
            }
            try await replays.waitForAll()
        }
    }

    private func replay(_ original: AMQPMessage, _ tag: AMQPDeliveryTag) async throws {
        do {
            try await sender.publish(
                MessageEncoder.replay(original), exchange: "", routingKey: topology.queue, mandatory: true,
                timeout: Self.confirmTimeout)
        } catch let error as AMQPError {
            throw MessagingError(error).with(target: topology.queue)
        }
        reader.ack(tag)
        tally.withLock { $0.replayed += 1 }
    }
}
