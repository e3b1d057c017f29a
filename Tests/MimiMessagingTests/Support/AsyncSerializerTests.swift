import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite(.timeLimit(.minutes(1))) struct AsyncSerializerTests {
    private struct Stop: Error {}

    @Test func oneAtATime() async throws {
        let serializer = AsyncSerializer()
        let running = Lock((now: 0, most: 0, total: 0))
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    await serializer.run {
                        running.withLock { running in
                            running.now += 1
                            running.most = max(running.most, running.now)
                        }
                        await Task.yield()
                        running.withLock { running in
                            running.now -= 1
                            running.total += 1
                        }
                    }
                }
            }
        }
        #expect(running.withLock { $0.most } == 1)
        #expect(running.withLock { $0.total } == 100)
    }

    @Test func anErrorPassesTheTurnOn() async throws {
        let serializer = AsyncSerializer()
        await #expect(throws: Stop.self) { try await serializer.run { throw Stop() } }
        #expect(await serializer.run { 1 } == 1)
    }

    @Test func aCancelledTaskHasItsTurn() async throws {
        let serializer = AsyncSerializer()
        let task = cancelledTask { await serializer.run { Task.isCancelled } }
        #expect(try await task.value)
        #expect(await serializer.run { 1 } == 1)
    }
}
