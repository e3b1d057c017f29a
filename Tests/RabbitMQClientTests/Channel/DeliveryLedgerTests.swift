import Testing

@testable import RabbitMQClient

@Suite struct DeliveryLedgerTests {
    private func ledger(_ tags: ClosedRange<UInt64>) -> DeliveryLedger {
        var ledger = DeliveryLedger()
        for tag in tags { #expect(ledger.record(tag) == true) }
        return ledger
    }

    private func sent(_ ledger: inout DeliveryLedger) -> [String] {
        var sent: [String] = []
        ledger.takeVerdicts { tag, multiple, verdict in
            let name =
                switch verdict {
                case .ack: "ack"
                case .nack(let requeue): requeue ? "requeue" : "nack"
                case .reject(let requeue): requeue ? "reject and requeue" : "reject"
                }
            sent.append("\(name) \(tag)\(multiple ? " multiple" : "")")
        }
        return sent
    }

    @Test func aRunAtTheLowEndIsOneAcknowledgement() {
        var ledger = ledger(1...5)
        for tag in [3, 1, 2] as [UInt64] { #expect(ledger.decide(tag, .ack) == true) }
        #expect(ledger.hasVerdicts)
        #expect(sent(&ledger) == ["ack 3 multiple"])
        #expect(!ledger.hasVerdicts)
        #expect(sent(&ledger) == [])
    }

    @Test func aSingleOneIsNoMultiple() {
        var ledger = ledger(1...5)
        #expect(ledger.decide(1, .ack) == true)
        #expect(sent(&ledger) == ["ack 1"])
    }

    @Test func whatIsOpenBelowForbidsMultiple() {
        var ledger = ledger(1...5)
        for tag in [2, 3, 5] as [UInt64] { #expect(ledger.decide(tag, .ack) == true) }
        #expect(sent(&ledger) == ["ack 2", "ack 3", "ack 5"])
        #expect(ledger.decide(1, .ack) == true)
        #expect(ledger.decide(4, .ack) == true)
        #expect(sent(&ledger) == ["ack 4 multiple"])
    }

    @Test func aRunAndOthersTogether() {
        var ledger = ledger(1...6)
        for tag in [1, 2, 4, 6] as [UInt64] { #expect(ledger.decide(tag, .ack) == true) }
        #expect(sent(&ledger) == ["ack 2 multiple", "ack 4", "ack 6"])
    }

    @Test func refusalsLeaveFirstAndDoNotBreakTheRun() {
        var ledger = ledger(1...4)
        #expect(ledger.decide(1, .ack) == true)
        #expect(ledger.decide(2, .nack(requeue: true)) == true)
        #expect(ledger.decide(3, .ack) == true)
        #expect(ledger.decide(4, .reject(requeue: false)) == true)
        #expect(sent(&ledger) == ["requeue 2", "reject 4", "ack 3 multiple"])
    }

    @Test func aDeliveryGetsOneVerdict() {
        var ledger = ledger(1...2)
        #expect(ledger.decide(1, .ack) == true)
        #expect(ledger.decide(1, .ack) == false)
        #expect(ledger.decide(1, .nack(requeue: true)) == false)
        #expect(sent(&ledger) == ["ack 1"])
        #expect(ledger.decide(1, .ack) == false)
        #expect(ledger.decide(2, .reject(requeue: true)) == true)
        #expect(ledger.decide(2, .ack) == false)
        #expect(sent(&ledger) == ["reject and requeue 2"])
    }

    @Test(arguments: [0, 3, .max] as [UInt64])
    func aVerdictForWhatWasNotDeliveredIsRefused(tag: UInt64) {
        var ledger = ledger(1...2)
        #expect(ledger.decide(tag, .ack) == false)
        #expect(!ledger.hasVerdicts)
    }

    @Test func deliveriesWithoutAcknowledgementLeaveGaps() {
        var ledger = DeliveryLedger()
        #expect(ledger.record(3) == true)
        #expect(ledger.record(5) == true)
        #expect(ledger.decide(4, .ack) == false)
        #expect(ledger.decide(3, .ack) == true)
        #expect(ledger.decide(5, .ack) == true)
        #expect(sent(&ledger) == ["ack 5 multiple"])
    }

    @Test func gapsOfAnyLengthCostNothing() {
        var ledger = DeliveryLedger()
        let tags: [UInt64] = [1, 3, 4, 1 << 40, (1 << 40) + 7, .max]
        for tag in tags { #expect(ledger.record(tag) == true) }
        for tag in [2, 5, 1 << 39, .max - 1] as [UInt64] { #expect(ledger.decide(tag, .ack) == false) }
        for tag in tags.dropFirst() { #expect(ledger.decide(tag, .ack) == true) }
        #expect(sent(&ledger) == tags.dropFirst().map { "ack \($0)" })
        #expect(ledger.decide(1, .ack) == true)
        #expect(sent(&ledger) == ["ack 1"])
    }

    /// What is settled behind it is forgotten at some time.
    @Test func oneThatStaysOpenForLongIsSettledInTheEnd() {
        var ledger = ledger(1...2)
        for tag in 3...10_000 as ClosedRange<UInt64> {
            #expect(ledger.record(tag) == true)
            #expect(ledger.decide(tag, tag % 3 == 0 ? .nack(requeue: true) : .ack) == true)
            #expect(sent(&ledger) == [tag % 3 == 0 ? "requeue \(tag)" : "ack \(tag)"])
        }
        for tag in [3, 4, 5000, 10_000] as [UInt64] { #expect(ledger.decide(tag, .ack) == false) }
        #expect(ledger.decide(2, .ack) == true)
        #expect(sent(&ledger) == ["ack 2"])
        #expect(ledger.decide(1, .ack) == true)
        #expect(ledger.record(10_001) == true)
        #expect(ledger.decide(10_001, .ack) == true)
        #expect(sent(&ledger) == ["ack 10001 multiple"])
    }

    @Test(arguments: [0, 1, 2] as [UInt64])
    func tagsThatDoNotCountUpAreRefused(tag: UInt64) {
        var ledger = ledger(1...2)
        #expect(ledger.record(tag) == false)
        #expect(ledger.record(3) == true)
    }
}
