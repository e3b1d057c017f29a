import MimiMessaging
import MimiMessagingTesting
import Testing

extension HarmedBrokerTests {
    @Test("that is killed under load, and again while all reconnects, loses nothing") func killUnderLoad() async throws
    {
        let broker = try await Self.broker.value
        try await withFaultWorld("kill", ["mq_rabbitmq_queue_type": "quorum"], url: broker.url) { world in
            try await broker.writeDownQueues()
            let load = Load(on: world)
            for round in 1...2 {
                try await load.acceptMore(20)
                // Their answers will not come: the handlers wait. All of them end by their deadline nevertheless.
                let (asked, limit) = (1000, Duration.seconds(round == 1 ? 3 : 1))
                let pending = try pendingQueries(asked, limit, on: world)
                if round == 1 { try await world.waiting.wait(for: 16) }
                let connected = world.client.log.lines(with: "connected to").count
                try await broker.control("kill")
                let slowest = await pending.value
                #expect(await slowest < Pace.stretch(limit + .seconds(1)))
                try await broker.control("restart")
                if round == 1 {
                    try await world.client.log.wait(for: "connected to", count: connected + 1)
                } else {
                    let back = try await timed { try await world.works(10_000_000 + round) }
                    #expect(await back < Pace.stretch(.seconds(5)))
                }
            }
            let accepted = await load.end()
            try await world.handled.wait { accepted.isSubset(of: Set($0)) }
            #expect(accepted.count >= 40)
            try await world.publishUntilHeard(in: world.overheard)
        }
    }

    /// Nobody but an operator can mend that. The other queues are worked at meanwhile, and the service declares it anew.
    @Test("that is killed and forgets a queue: that one refuses, until it is deleted") func forgottenQueue()
        async throws
    {
        let broker = try await Self.broker.value
        try await withFaultWorld("forgotten", ["mq_rabbitmq_queue_type": "quorum"], url: broker.url) { world in
            try await broker.forget(quorumQueue: world.queue + ".events")
            try await broker.control("kill")
            try await broker.control("restart")
            // RabbitMQ 3.10 refuses after ten seconds. Another one may find the queue again.
            do {
                try await world.event(1)
            } catch let error as MessagingError {
                #expect(error.code == .rejected)
            }
            try await world.command("take", 2)
            try await world.wait(for: 2, in: world.handled)

            try await TestBroker.remove(queue: world.queue + ".events", retryDelays: [20], url: broker.url)
            try await world.publishUntilHeard(in: world.heard)
            try await world.works(3)
        }
    }

    @Test("that closes all connections, five times") func closeConnections() async throws {
        let broker = try await Self.broker.value
        try await withFaultWorld("close", url: broker.url) { world in
            let load = Load(on: world)
            for round in 1...5 {
                try await load.acceptMore(20)
                try await broker.control("close-connections")
                let taken = try await timed { try await world.works(10_000_000 + round) }
                #expect(await taken < Pace.stretch(.seconds(5)))
            }
            let accepted = await load.end()
            try await world.handled.wait { accepted.isSubset(of: Set($0)) }
            #expect(world.client.log.lines(with: "closed by an operator").isEmpty == false)
        }
    }

    /// Asks many at once; gives how long the slowest one took.
    private func pendingQueries(
        _ count: Int, _ limit: Duration, on world: FaultWorld
    ) throws -> Task<Duration, Never> {
        let target = try world.target("ponder")
        return Task { [bus = world.client.bus] in
            await withTaskGroup { group in
                for number in 0..<count {
                    group.addTask {
                        await timed {
                            _ = try? await bus.query(target, ["n": .integer(20_000_000 + number)], timeout: limit)
                        }
                    }
                }
                return await group.reduce(.zero) { max($0, $1) }
            }
        }
    }
}

/// Sends numbered commands one after the other, whatever happens, and keeps the numbers that were accepted.
final class Load: Sendable {
    private let accepted = Journal<Int>(limit: .seconds(60))
    private let task: Task<Void, Never>

    init(on world: FaultWorld) {
        task = Task { [accepted] in
            var number = 0
            while !Task.isCancelled {
                number += 1
                if (try? await world.command("take", number)) != nil { accepted.note(number) }
            }
        }
    }

    /// Waits until so many more were accepted.
    func acceptMore(_ count: Int) async throws { try await accepted.wait(for: accepted.entries.count + count) }

    /// Ends, and gives what was accepted.
    func end() async -> Set<Int> {
        task.cancel()
        await task.value
        return Set(accepted.entries)
    }
}
