import MimiMessaging
import Testing

@testable import MimiMessagingRabbitMQ

@Suite("Errors of attempts")
struct MessagingErrorTests {
    @Test(arguments: [MessagingError.Code.notStarted, .unroutable, .rejected])
    func aRefusalAfterAnAttemptThatMayHaveArrivedIsNone(code: MessagingError.Code) {
        let refusal = MessagingError(code, "no")
        #expect(refusal.ofAttempts(thatMayHaveArrived: false).code == code)
        let told = refusal.ofAttempts(thatMayHaveArrived: true)
        #expect(told.code == .connection)
        #expect((told.cause as? MessagingError)?.code == code)
    }

    @Test(arguments: [MessagingError.Code.timeout, .connection])
    func whatLeavesTheOutcomeOpenStaysAsItIs(code: MessagingError.Code) {
        let error = MessagingError(code, "no answer").ofAttempts(thatMayHaveArrived: true)
        #expect(error.code == code)
        #expect(error.cause == nil)
    }
}
