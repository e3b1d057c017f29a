import MimiMessaging

/// Gives each message the identity that the ledger knows it by, which a producer that tries again keeps: so the ledger
/// sees whether the layer keeps it, too.
struct LedgerIdentity: MessagingMiddleware {
    static let header = "ledger-id"

    func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
        var message = message
        message.id = message.headers[Self.header] ?? message.id
        return try await next(message)
    }
}
