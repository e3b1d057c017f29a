// The code of Middleware.md.

import MimiMessaging

/// Refuses messages that nobody signed, and signs what is sent.
struct Signatures: MessagingMiddleware {
    let secret: String

    func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
        var message = message
        message.headers["signature"] = sign(message.body)
        return try await next(message)
    }

    func process(_ message: IncomingMessage, context: MessageContext, next: ProcessNext) async throws -> Message? {
        guard message.headers["signature"] == sign(message.body) else {
            throw ProcessingError(code: "bad_signature", message: "the signature is wrong", isFinal: true)
        }
        return try await next(message, context)
    }

    private func sign(_ body: [UInt8]) -> String {
        // A checksum stands in for a real signature here.
        String(body.reduce(UInt64(secret.utf8.count)) { ($0 &* 31) &+ UInt64($1) }, radix: 16)
    }
}

func middleware() throws {
    let bus = try MessageBus(options: ["mq_adapter": "memory"], middleware: [Signatures(secret: "…")])

    use(bus)
}
