import Testing

@testable import MimiMessaging

@Suite struct MemoryQueueTests {
    private func queue(_ numbers: [Int] = [], isSingleActive: Bool = false) -> MemoryQueue {
        var queue = MemoryQueue(MemoryQueue.Declaration(isSingleActive: isSingleActive))
        for number in numbers { queue.insert(message(number)) }
        return queue
    }

    private func message(_ number: Int) -> QueuedMessage {
        QueuedMessage(number: number, message: IncomingMessage(kind: .command))
    }

    /// Names for consumers.
    private let consumers: [ConsumerID] = {
        var state = BrokerState()
        let link = state.open(BrokerState.Link(clock: .continuous, maximumBodySize: 1))
        return (0..<3).map { _ in state.nextConsumerID(on: link) }
    }()

    @Test func aMessageThatComesBackTakesItsPlace() {
        var queue = queue([5, 7, 9])
        for number in [6, 1, 10, 8] { queue.insert(message(number)) }
        #expect(queue.ready.map(\.number) == [1, 5, 6, 7, 8, 9, 10])
    }

    @Test func aMessageCanBeTakenOut() {
        var queue = queue([1, 3, 5])
        #expect(queue.remove(number: 3)?.number == 3)
        #expect(queue.remove(number: 3) == nil)
        #expect(queue.remove(number: 9) == nil)
        #expect(queue.ready.map(\.number) == [1, 5])
    }

    @Test func consumersTakeTurns() {
        var queue = queue(Array(1...7))
        for consumer in consumers { queue.add(consumer, priority: 0, prefetch: 2) }
        var turns: [ConsumerID] = []
        while let delivery = queue.takeDelivery() { turns.append(delivery.consumer) }
        #expect(turns == consumers + consumers)
        #expect(queue.ready.map(\.number) == [7])
        #expect(queue.unsettled == 6)
        queue.settled(by: consumers[1])
        #expect(queue.takeDelivery()?.consumer == consumers[1])
        #expect(queue.takeDelivery() == nil)
    }

    @Test func theHighestPriorityComesFirstWhileItHasRoom() {
        var queue = queue(Array(1...5))
        queue.add(consumers[0], priority: 0, prefetch: 10)
        queue.add(consumers[1], priority: 5, prefetch: 2)
        queue.add(consumers[2], priority: -1, prefetch: 10)
        var turns: [ConsumerID] = []
        while let delivery = queue.takeDelivery() { turns.append(delivery.consumer) }
        #expect(turns == [1, 1, 0, 0, 0].map { consumers[$0] })
    }

    @Test func oneActiveConsumerGetsAll() {
        var queue = queue(Array(1...4), isSingleActive: true)
        for consumer in consumers { queue.add(consumer, priority: 0, prefetch: 1) }
        #expect(queue.takeDelivery()?.consumer == consumers[0])
        #expect(queue.takeDelivery() == nil)
        queue.settled(by: consumers[0])
        #expect(queue.takeDelivery()?.consumer == consumers[0])
        queue.remove(consumers[0])
        #expect(queue.takeDelivery()?.consumer == consumers[1])
        // What the first one still had can be settled.
        queue.settled(by: consumers[0])
        #expect(queue.unsettled == 1)
        #expect(queue.takeDelivery() == nil)
    }
}
