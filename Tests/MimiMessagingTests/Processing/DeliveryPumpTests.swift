import MimiMessagingTesting
import Testing

@testable import MimiMessaging

@Suite(.timeLimit(.minutes(1))) struct DeliveryPumpTests {
    private let settled = Journal<String>()
    private let started = Journal<String>()
    private let gate = Gate()

    private func pump(
        concurrency: Int, _ handler: @escaping @Sendable (String) async throws -> Void
    ) throws -> DeliveryPump {
        let environment = try BusEnvironment.make()
        let handler = ClosureHandler { _, _, _, context in
            try await handler(context.messageID)
            return nil
        }
        return DeliveryPump(dispatcher: .make(handler, environment: environment), concurrency: concurrency)
    }

    /// A pump whose handlers wait for the gate.
    private func gatedPump(concurrency: Int) throws -> DeliveryPump {
        try pump(concurrency: concurrency) { [started, gate] id in
            started.note(id)
            try await gate.wait()
        }
    }

    private func receive(_ ids: [Int], _ pump: DeliveryPump, isCurrent: Bool = true) {
        for id in ids {
            var message = IncomingMessage.make()
            message.id = "\(id)"
            pump.receive(TestDelivery(message, journal: settled, isCurrent: isCurrent))
        }
    }

    @Test func everyDeliveryIsSettled() async throws {
        let pump = try pump(concurrency: 3) { _ in }
        receive(Array(1...100), pump)
        let entries = try await settled.wait(for: 100)
        #expect(Set(entries) == Set((1...100).map { "\($0) accept" }))
        await pump.drain()
        #expect(settled.entries.count == 100)
    }

    @Test func oneAtATimeKeepsTheOrder() async throws {
        let pump = try pump(concurrency: 1) { _ in }
        receive(Array(1...50), pump)
        #expect(try await settled.wait(for: 50) == (1...50).map { "\($0) accept" })
    }

    @Test func noMoreThanTheBoundRunAtATime() async throws {
        let running = Lock((now: 0, most: 0))
        let pump = try pump(concurrency: 4) { [started, gate] id in
            running.withLock { running in
                running.now += 1
                running.most = max(running.most, running.now)
            }
            started.note(id)
            try await gate.wait()
            running.withLock { $0.now -= 1 }
        }
        receive(Array(1...20), pump)
        try await started.wait(for: 4)
        #expect(started.entries.count == 4)
        gate.open()
        try await settled.wait(for: 20)
        #expect(running.withLock { $0.most } == 4)
    }

    @Test func drainingLetsHandlersFinishAndGivesTheRestBack() async throws {
        let pump = try gatedPump(concurrency: 2)
        receive([1, 2, 3, 4], pump)
        try await started.wait(for: 2)
        let drain = Task { await pump.drain() }
        #expect(Set(try await settled.wait(for: 2)) == ["3 give back", "4 give back"])
        gate.open()
        await drain.value
        #expect(Set(settled.entries.suffix(2)) == ["1 accept", "2 accept"])
        #expect(Set(started.entries) == ["1", "2"])
    }

    @Test func whatIsNotDoneInTimeIsCancelledAndGivenBack() async throws {
        let cancelled = Journal<String>()
        let pump = try pump(concurrency: 2) { [started, gate] id in
            started.note(id)
            do {
                try await gate.wait()
            } catch {
                cancelled.note(id)
                throw error
            }
        }
        receive([1, 2, 3], pump)
        try await started.wait(for: 2)
        let drain = Task { await pump.drain() }
        #expect(try await settled.wait(for: 1) == ["3 give back"])
        #expect(cancelled.entries.isEmpty)
        drain.cancel()
        await drain.value
        #expect(Set(settled.entries) == ["1 give back", "2 give back", "3 give back"])
        #expect(Set(try await cancelled.wait(for: 2)) == ["1", "2"])
    }

    @Test func aHandlerThatMindsNothingIsLeftBehind() async throws {
        let left = Journal<String>()
        let pump = try pump(concurrency: 1) { [started, gate] id in
            started.note(id)
            await gate.waitIgnoringCancellation()
            left.note(id)
        }
        receive([1], pump)
        try await started.wait(for: 1)
        try await cancelledTask { await pump.drain() }.value
        #expect(settled.entries == ["1 give back"])
        gate.open()
        try await left.wait(for: 1)
        // It was settled already, and is not settled again.
        #expect(settled.entries == ["1 give back"])
    }

    @Test func whatComesDuringAndAfterTheDrainGoesBack() async throws {
        let pump = try gatedPump(concurrency: 1)
        receive([1, 2], pump)
        try await started.wait(for: 1)
        let drain = Task { await pump.drain() }
        try await settled.wait(for: 1)
        receive([3], pump)
        #expect(try await settled.wait(for: 2) == ["2 give back", "3 give back"])
        gate.open()
        await drain.value
        receive([4], pump)
        try await settled.wait(for: 4)
        #expect(settled.entries == ["2 give back", "3 give back", "1 accept", "4 give back"])
        #expect(started.entries == ["1"])
    }

    @Test func drainingWhatIsIdleEndsAtOnce() async throws {
        let pump = try gatedPump(concurrency: 1)
        await pump.drain()
        await pump.drain()
        #expect(settled.entries.isEmpty)
    }

    @Test func whatTheBusDeliversAgainIsNotHandled() async throws {
        let pump = try pump(concurrency: 1) { _ in Issue.record("handled") }
        receive([1], pump, isCurrent: false)
        #expect(try await settled.wait(for: 1) == ["1 give back"])
    }

    /// A pump for one handler at a time, with a bad message that is being settled.
    private func buryingPump() async throws -> DeliveryPump {
        let pump = try pump(concurrency: 1) { [started] id in started.note(id) }
        pump.receive(SlowDelivery(id: "bad", settled: settled, started: started, gate: gate))
        try await started.wait(for: 1)
        return pump
    }

    @Test func aBadMessageHoldsUpNoGoodOne() async throws {
        let pump = try await buryingPump()
        receive([1, 2], pump)
        #expect(try await settled.wait(for: 2) == ["1 accept", "2 accept"])
        gate.open()
        #expect(try await settled.wait(for: 3).last == "bad dead letter unknown_method")
        await pump.drain()
    }

    @Test func drainingWaitsForWhatIsBeingSettled() async throws {
        let pump = try await buryingPump()
        let drain = Task { [settled] in
            await pump.drain()
            settled.note("drained")
        }
        // It has begun when it gives back what comes.
        var id = 0
        while started.entries.count == id + 1 {
            id += 1
            receive([id], pump)
            try await settled.wait(for: id)
        }
        gate.open()
        await drain.value
        #expect(settled.entries.suffix(2) == ["bad dead letter unknown_method", "drained"])
    }

    @Test func whatIsNotSettledInTimeIsToldSo() async throws {
        let pump = try await buryingPump()
        try await cancelledTask { await pump.drain() }.value
        #expect(try await settled.wait(for: 1) == ["bad cancelled"])
    }

    @Test func handlersStayBoundedWhileOthersAreSettled() async throws {
        let pump = try gatedPump(concurrency: 2)
        let slow = Gate()
        for id in 1...3 {
            pump.receive(SlowDelivery(id: "bad \(id)", settled: settled, started: started, gate: slow))
        }
        try await started.wait(for: 3)
        receive([1, 2, 3], pump)
        #expect(Set(try await started.wait(for: 5).suffix(2)) == ["1", "2"])
        slow.open()
        try await settled.wait(for: 3)
        // Those that have settled take no place of theirs: the third message still waits.
        #expect(started.entries.count == 5)
        gate.open()
        try await settled.wait(for: 6)
        await pump.drain()
        #expect(settled.entries.count == 6)
    }

    @Test func theRateOfDeadLettersHoldsUpNoGoodMessage() async throws {
        let time = TestClock()
        let environment = try BusEnvironment.make(["mq_dead_letter_rate": 1], clock: MessagingClock(time))
        let pump = DeliveryPump(
            dispatcher: .make(ClosureHandler { _, _, _, _ in nil }, environment: environment), concurrency: 1)
        // Two may go at once, the third has to wait.
        for _ in 1...3 { pump.receive(TestDelivery(.make(method: nil), journal: settled)) }
        await time.waitForSleepers(1)
        receive([1], pump)
        #expect(try await settled.wait(for: 3).last == "1 accept")
        time.advance(by: .seconds(1))
        #expect(try await settled.wait(for: 4).last == "id-1 dead letter unknown_method")
        await pump.drain()
    }

    private enum Local {
        @TaskLocal static var value = "none"
    }

    @Test func handlersKnowNothingOfWhoHandsDeliveriesOver() async throws {
        let pump = try pump(concurrency: 1) { [started] _ in started.note(Local.value) }
        Local.$value.withValue("sender") { receive([1], pump) }
        #expect(try await started.wait(for: 1) == ["none"])
    }
}

/// A delivery that cannot be read, and whose settlement waits for a gate.
private struct SlowDelivery: Delivery {
    let id: String
    let settled: Journal<String>
    /// Where the settlement says that it has begun.
    let started: Journal<String>
    let gate: Gate

    var message: IncomingMessage {
        var message = IncomingMessage.make(method: nil)
        message.id = id
        return message
    }

    var isCurrent: Bool { true }

    func settle(_ settlement: Settlement) async {
        started.note(id)
        do {
            try await gate.wait()
            settled.note("\(id) \(settlement.summary)")
        } catch {
            settled.note("\(id) cancelled")
        }
    }
}
