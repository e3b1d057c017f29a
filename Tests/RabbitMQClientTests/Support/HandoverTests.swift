import Testing

@testable import RabbitMQClient

@Suite struct HandoverTests {
    @Test func aValueThatCameBeforeIsThere() async {
        let handover = Handover<Int>()
        #expect(handover.isWanted)
        #expect(handover.deliver(1))
        #expect(await handover.receive() == 1)
        #expect(!handover.isWanted)
        #expect(!handover.deliver(2))
    }

    @Test func aValueFromAThreadArrives() async throws {
        let handover = Handover<Int>()
        let thread = try NativeThread { _ = handover.deliver(7) }
        #expect(await handover.receive() == 7)
        thread.join()
    }

    @Test func aCancelledTaskGetsNothingAndTheValueIsNotWanted() async {
        let handover = Handover<Int>()
        let task = Task { await handover.receive() }
        task.cancel()
        #expect(await task.value == nil)
        #expect(!handover.isWanted)
        #expect(!handover.deliver(1))
    }
}
