import MimiMessagingTesting
import Testing

@Suite("What handlers write down and tests wait for")
struct JournalTests {
    @Test("a journal waits for its entries")
    func journal() async throws {
        let journal = Journal<Int>()
        async let entries = journal.wait(for: 2)
        journal.note(1)
        journal.note(2)
        #expect(try await entries == [1, 2])
        #expect(try await journal.wait(for: 1) == [1, 2])
    }

    @Test("a journal says what did not come")
    func missing() async throws {
        let journal = Journal<Int>(limit: .milliseconds(10))
        journal.note(1)
        let error = await #expect(throws: TimeLimitExceeded.self) { try await journal.wait(for: 2) }
        #expect(error?.expectation == "2 entries in the journal (there are 1)")
    }

    @Test("waiting for entries can be cancelled")
    func cancelled() async {
        let journal = Journal<Int>()
        let wait = Task { try await journal.wait(for: 1) }
        wait.cancel()
        await #expect(throws: CancellationError.self) { try await wait.value }
    }

    @Test("a gate lets everybody through once it is open")
    func gate() async throws {
        let (gate, passed) = (Gate(), Journal<Int>())
        let waiters = (1...3).map { n in
            Task {
                try await gate.wait()
                passed.note(n)
            }
        }
        #expect(passed.entries.isEmpty)
        gate.open()
        try await passed.wait(for: 3)
        for waiter in waiters { try await waiter.value }
        try await gate.wait()
    }

    @Test("a gate minds cancellation only where it should")
    func cancelledGate() async {
        let gate = Gate()
        let minding = Task { try await gate.wait() }
        minding.cancel()
        await #expect(throws: CancellationError.self) { try await minding.value }
        let ignoring = Task {
            await gate.waitIgnoringCancellation()
            return Task.isCancelled
        }
        ignoring.cancel()
        gate.open()
        #expect(await ignoring.value)
    }
}
