import Testing

@testable import RabbitMQClient

@Suite struct HandoverTests {
    @Test func `a value that came before is there`() async {
        let handover = Handover<Int>()
        #expect(handover.isWanted)
        #expect(handover.deliver(1))
        #expect(await handover.receive() == 1)
        #expect(!handover.isWanted)
        #expect(!handover.deliver(2))
    }

    @Test func `a value from a thread arrives`() async throws {
        let handover = Handover<Int>()
        let thread = try Thread { _ = handover.deliver(7) }
        #expect(await handover.receive() == 7)
        thread.join()
    }

    @Test func `a cancelled task gets nothing and the value is not wanted`() async {
        let handover = Handover<Int>()
        let task = Task { await handover.receive() }
        task.cancel()
        #expect(await task.value == nil)
        #expect(!handover.isWanted)
        #expect(!handover.deliver(1))
    }
}
