import Testing

@testable import RabbitMQClient

@Suite struct RPCQueueTests {
    private let now = MonotonicInstant.now

    private func queue(_ methods: OutgoingMethod...) -> RPCQueue<Int> {
        var queue = RPCQueue<Int>()
        for (index, method) in methods.enumerated() {
            queue.append(RPCQueue.Call(method: method, deadline: now + .seconds(index), waiter: index))
        }
        return queue
    }

    @Test func oneIsOutAtATime() {
        var queue = queue(.queuePurge(queue: "a"), .confirmSelect)
        #expect(queue.nextToSend?.waiter == 0)
        #expect(queue.pending == nil)
        queue.markSent()
        #expect(queue.nextToSend == nil)
        #expect(queue.pending?.waiter == 0)
        #expect(queue.takeAnswered(by: .queuePurgeOk(messageCount: 1))?.waiter == 0)
        #expect(queue.nextToSend?.waiter == 1)
    }

    @Test func onlyItsOwnAnswerAnswers() {
        var queue = queue(.queuePurge(queue: "a"))
        #expect(queue.takeAnswered(by: .queuePurgeOk(messageCount: 1)) == nil)
        queue.markSent()
        #expect(queue.takeAnswered(by: .confirmSelectOk) == nil)
        #expect(queue.takeAnswered(by: .queuePurgeOk(messageCount: 1)) != nil)
        #expect(queue.takeAnswered(by: .queuePurgeOk(messageCount: 1)) == nil)
    }

    @Test func whatCannotBeEncodedMakesWay() {
        var queue = queue(.queuePurge(queue: "a"), .confirmSelect)
        #expect(queue.dropUnsent()?.waiter == 0)
        #expect(queue.nextToSend?.waiter == 1)
        queue.markSent()
        #expect(queue.dropUnsent() == nil)
    }

    @Test func theOldestDeadlineCounts() {
        var queue = queue(.queuePurge(queue: "a"), .confirmSelect)
        #expect(queue.deadline == now)
        queue.markSent()
        _ = queue.takeAnswered(by: .queuePurgeOk(messageCount: 0))
        #expect(queue.deadline == now + .seconds(1))
    }

    @Test func allAreTakenOutOnce() {
        var queue = queue(.queuePurge(queue: "a"), .confirmSelect)
        queue.markSent()
        #expect(queue.removeAll().map(\.waiter) == [0, 1])
        #expect(queue.removeAll().isEmpty)
        #expect(queue.pending == nil)
    }
}
