import Foundation
import MimiMessaging
import MimiMessagingTesting
import Testing

/// Handlers that take their process with them, or all of its threads.
@Suite("Handlers that fail in other ways than by throwing", .timeLimit(.minutes(30)))
struct HandlerFaultTests {
    /// The links end with the process that a message kills; so they are cut each time that it is handled.
    @Test func aMessageThatKillsItsProcessesIsADeadLetterInTheEnd() async throws {
        let options: [String: OptionValue] = ["mq_rabbitmq_queue_type": "quorum", "mq_rabbitmq_delivery_limit": 2]
        try await withFaultWorldInTurn("deadly", options) { world in
            try await world.command("wait", 1)
            for delivery in 1...3 {
                try await world.waiting.wait(for: delivery)
                world.service.proxy.cut()
            }
            #expect(try await TestBroker.deadLetters(of: world.slowQueue, count: 1) == 1)
            try await world.works(2)
            #expect(world.waiting.entries == [1, 1, 1])
        }
    }

    @Test func anotherInstanceTakesOverWhatOneLeaves() async throws {
        try await withFaultWorldInTurn("instances") { world in
            let taken = Journal<Int>(limit: .seconds(30))
            let other = try TestBroker.bus(["mq_rabbitmq_queue_type": "classic"])
            try await other.requests(world.slowQueue) { handlers in
                handlers.command("wait") { message, _ in taken.note(try message["n"]) }
                handlers.query("ponder") { message, _ in message }
            }
            try await world.command("wait", 1)
            try await world.waiting.wait(for: 1)
            try await other.start()
            // The first one is gone, and what it was at is there again.
            world.service.proxy.refuse(true)
            world.service.proxy.cut()
            for number in 2...20 { try await world.command("wait", number) }
            let handover = try await timed { try await taken.wait(for: 20) }
            #expect(await handover < Pace.stretch(.seconds(5)))
            #expect(Set(taken.entries) == Set(1...20))
            world.service.proxy.heal()
            await other.stop()
        }
    }

    /// In a process of its own, because it takes all the threads that tasks run on, for three times as long as silence
    /// is put up with.
    @Test func handlersThatBlockAllThreadsDoNotHarmTheConnections() async {
        await #expect(processExitsWith: .success) {
            let queue = TestBroker.uniqueName("blocking")
            let bus = try FaultyBus(["mq_rabbitmq_heartbeat": 1, "mq_rabbitmq_queue_type": "classic"])
            let handled = Journal<Void>(limit: .seconds(60))
            try await bus.bus.requests(queue) { handlers in
                handlers.command("block") { _, _ in
                    usleep(6_000_000)
                    handled.note(())
                }
            }
            try await bus.bus.start()
            let target = try RequestTarget("\(queue)/block")
            try await withThrowingTaskGroup { group in
                // As many as there are threads, at least.
                for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                    group.addTask { try await bus.bus.command(target, timeout: .seconds(60)) }
                }
                try await group.waitForAll()
            }
            try await handled.wait(for: ProcessInfo.processInfo.activeProcessorCount)
            try #require(bus.proxy.connections.entries.count == 2)
            try #require(bus.log.lines(with: "is lost").isEmpty)
            await bus.end()
            try await TestBroker.remove(queue: queue, retryDelays: [20])
        }
    }
}
