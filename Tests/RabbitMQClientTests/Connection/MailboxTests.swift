import Synchronization
import Testing

@testable import RabbitMQClient

@Suite struct MailboxTests {
    private final class Counter: Sendable {
        private let value = Atomic(0)
        var count: Int { value.load(ordering: .relaxed) }
        func increment() { value.add(1, ordering: .relaxed) }
    }

    private let command = Command.decide(ChannelID(number: 1, generation: 1), deliveryTag: 1, .ack)

    @Test func onlyTheFirstCommandThatWouldBeSleptThroughWakes() {
        let wakeUps = Counter()
        let mailbox = Mailbox { wakeUps.increment() }
        #expect(mailbox.submit(command) == nil)
        #expect(wakeUps.count == 0)
        #expect(!mailbox.announceSleep())

        var commands: [Command] = []
        mailbox.take(into: &commands)
        #expect(commands.count == 1)
        #expect(mailbox.announceSleep())
        #expect(mailbox.submit(command) == nil)
        #expect(mailbox.submit(command) == nil)
        #expect(wakeUps.count == 1)
    }

    @Test func takingSaysThatTheLoopIsAwake() {
        let wakeUps = Counter()
        let mailbox = Mailbox { wakeUps.increment() }
        #expect(mailbox.announceSleep())
        var commands: [Command] = []
        mailbox.take(into: &commands)
        #expect(commands.isEmpty)
        #expect(mailbox.submit(command) == nil)
        #expect(wakeUps.count == 0)
    }

    @Test func afterTheEndTheCauseIsTheAnswer() {
        let mailbox = Mailbox {}
        #expect(mailbox.submit(command) == nil)
        #expect(mailbox.end(because: AMQPError(.heartbeatLost, "silent")).count == 1)
        #expect(mailbox.submit(command)?.kind == .heartbeatLost)
        #expect(mailbox.end(because: AMQPError(.closed, "again")).isEmpty)
    }

    @Test func theWakeUpIsLetGoAtTheEnd() {
        weak var weakCounter: Counter?
        let mailbox: Mailbox
        do {
            let counter = Counter()
            weakCounter = counter
            mailbox = Mailbox { counter.increment() }
        }
        #expect(weakCounter != nil)
        _ = mailbox.end(because: AMQPError(.closed, "over"))
        #expect(weakCounter == nil)
    }
}
