import MimiMessaging
import RabbitMQClient

/// Where user and password come from.
enum CredentialSource: Sendable {
    /// From the options, or from the client's certificate.
    case fixed(AMQPCredentials)
    /// From the service, which is asked each time.
    case provided(CredentialProvider)

    /// What to log in with now.
    /// - Parameter timeout: How long a provider may take; one that does not end is left to itself.
    /// - Throws: ``MessagingError/Code/authentication``, retryable, when a provider fails; its own error may hold
    ///   secrets, so only the type is told.
    func current(within timeout: Duration, clock: MessagingClock) async throws -> AMQPCredentials {
        switch self {
        case .fixed(let credentials): return credentials
        case .provided(let provider):
            let answers = Waiters<AMQPCredentials>(clock: clock) { Self.failed("did not answer within \(timeout)") }
            let place = answers.reserve()
            let asking = Task {
                do {
                    let given = try await provider()
                    let credentials = AMQPCredentials.plain(username: given.username, password: given.password)
                    answers.end(place, with: .success(credentials))
                } catch {
                    answers.end(place, with: .failure(Self.failed("failed with \(type(of: error))")))
                }
            }
            defer { asking.cancel() }
            return try await answers.wait(place, until: clock.now.advanced(by: timeout))
        }
    }

    private static func failed(_ how: String) -> MessagingError {
        MessagingError(.authentication, "the credential provider \(how)", isRetryable: true)
    }
}
