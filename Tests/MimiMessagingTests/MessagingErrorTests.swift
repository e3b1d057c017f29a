import Testing

@testable import MimiMessaging

@Suite struct MessagingErrorTests {
    @Test func onlySomeErrorsCanPassByThemselves() {
        let codes: [MessagingError.Code] = [
            .invalidTarget, .configuration, .registration, .notStarted, .serialization, .invalidMessage,
            .messageTooLarge,
            .unroutable, .timeout, .connection, .authentication, .accessRefused, .topology, .rejected, .remote,
            .unknownMethod,
        ]
        #expect(codes.filter { MessagingError($0, "").isRetryable } == [.timeout, .connection, .rejected])
        #expect(Set(codes.map(\.description)).count == codes.count)
        #expect(!MessagingError(.timeout, "", isRetryable: false).isRetryable)
    }

    @Test func theDescriptionSaysAll() {
        struct Cause: Error {}
        let error = MessagingError(
            .remote, "no such order", target: "orders/show", remoteCode: "not_found", cause: Cause())
        #expect(error.description == "remote(not_found) [orders/show]: no such order (caused by: Cause())")
        #expect(MessagingError(.timeout, "too late").description == "timeout: too late")
    }

    @Test func aTargetIsGivenOnce() {
        let error = MessagingError(.timeout, "too late").with(target: "a/b")
        #expect(error.target == "a/b")
        #expect(error.with(target: "c/d").target == "a/b")
    }

    @Test func codesCanGrow() { #expect(MessagingError.Code("quota") != .rejected) }
}
