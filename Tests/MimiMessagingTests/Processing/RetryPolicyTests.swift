import MimiMessaging
import Testing

@Suite struct RetryPolicyTests {
    @Test func theStandardLadder() {
        let seconds = (1...10).map { RetryPolicy.standard.delay(afterAttempt: $0).map(\.components.seconds) }
        #expect(seconds == [1, 5, 30, 120, 600, 600, 600, 600, 600, nil])
    }

    @Test func immediateRetriesComeFirst() {
        let policy = RetryPolicy(maximumAttempts: 5, immediateRetries: 2, delays: [.seconds(1), .seconds(5)])
        #expect((1...5).map { policy.delay(afterAttempt: $0) } == [.zero, .zero, .seconds(1), .seconds(5), nil])
    }

    @Test func neverMeansOnce() {
        #expect(RetryPolicy.never.delay(afterAttempt: 1) == nil)
        #expect(RetryPolicy(maximumAttempts: -5).delay(afterAttempt: 1) == nil)
    }

    @Test func withoutDelaysRetriesFollowAtOnce() {
        let policy = RetryPolicy(maximumAttempts: 3, delays: [])
        #expect((1...3).map { policy.delay(afterAttempt: $0) } == [.zero, .zero, nil])
    }

    @Test func aNACKAlwaysWaits() {
        #expect(RetryPolicy.never.redeliveryDelay(afterAttempt: 1) == .seconds(1))
        let policy = RetryPolicy(maximumAttempts: 2, immediateRetries: 3, delays: [.seconds(2), .seconds(5)])
        #expect((1...4).map { policy.redeliveryDelay(afterAttempt: $0) } == [2, 5, 5, 5].map { .seconds($0) })
    }

    @Test func exponentialDelaysGrowToTheMaximum() {
        let policy = RetryPolicy.exponential(from: .seconds(1), factor: 3, to: .seconds(10), attempts: 7)
        #expect(policy.delays == [1, 3, 9, 10].map { .seconds($0) })
        #expect(policy.maximumAttempts == 7)
        #expect(RetryPolicy.exponential(attempts: 3).delays == [.seconds(1), .seconds(2)])
        #expect(RetryPolicy.exponential(from: .seconds(9), to: .seconds(5)).delays == [.seconds(5)])
    }

    @Test(arguments: [Int.min, -1, 0, 1, 2, .max])
    func nothingIsTooStrange(number: Int) {
        let policy = RetryPolicy.exponential(
            from: .seconds(number), factor: number, to: .seconds(Int.max), attempts: number)
        #expect(policy.delays.count <= 101)
        for attempt in [Int.min, -1, 0, 1, .max] {
            #expect(policy.redeliveryDelay(afterAttempt: attempt) >= .zero)
            #expect(policy.delay(afterAttempt: attempt) ?? .zero >= .zero)
        }
        let immediate = RetryPolicy(
            maximumAttempts: .max, immediateRetries: number, delays: [.seconds(-5), .seconds(number)])
        for attempt in [Int.min, -1, 0, 1, .max] {
            #expect(immediate.delay(afterAttempt: attempt) ?? .zero >= .zero)
        }
    }
}
