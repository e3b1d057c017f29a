import MimiMessaging
import RabbitMQClient
import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Transmissions")
struct TransmissionsTests {
    private let unconfirmed = AMQPError(.connectionLost, "gone", mayHaveReachedBroker: true)
    private let unsent = AMQPError(.connectionLost, "gone")
    private let refusal = AMQPError(.nacked, "the broker refused the message")

    private func code(_ transmissions: Transmissions, _ error: any Error) -> MessagingError.Code? {
        try? transmissions.failure(error).code
    }

    @Test func aRefusalOfTheFirstCopyIsOne() {
        #expect(code(Transmissions(), refusal) == .rejected)
        #expect(code(Transmissions(), MessagingError.stopped) == .notStarted)
    }

    @Test func aRefusalAfterACopyThatMayHaveArrivedSaysNothing() {
        var transmissions = Transmissions()
        transmissions.lost(unconfirmed)
        transmissions.lost(unsent)
        #expect(code(transmissions, refusal) == .connection)
        #expect(code(transmissions, MessagingError.stopped) == .connection)
        #expect(code(transmissions, AMQPError(.timeout, "too late")) == .timeout)
        // The queue may have gone after the first copy had arrived.
        #expect(code(transmissions, AMQPError(.unroutable, "no such queue")) == .connection)
    }

    @Test func aMessageThatTheBrokerRefusesForItselfIsRefusedEachTime() {
        var transmissions = Transmissions()
        transmissions.lost(unconfirmed)
        let refusal = AMQPError(
            .channelClosed, "refused", replyCode: 406, replyText: "PRECONDITION_FAILED - message size",
            method: "basic.publish")
        #expect(code(transmissions, refusal) == .messageTooLarge)
    }

    @Test func aCopyThatNeverLeftDoesNotCount() {
        var transmissions = Transmissions()
        transmissions.lost(unsent)
        #expect(code(transmissions, refusal) == .rejected)
        #expect(code(transmissions, MessagingError.stopped) == .notStarted)
    }

    @Test func aQueryThatWasSentMayHaveArrived() {
        var transmissions = Transmissions()
        transmissions.lost(PendingReplies.lost)
        #expect(code(transmissions, MessagingError.stopped) == .connection)
    }

    @Test func cancellationStaysCancellation() {
        var transmissions = Transmissions()
        transmissions.lost(unconfirmed)
        #expect(throws: CancellationError.self) { try transmissions.failure(CancellationError()) }
    }
}
