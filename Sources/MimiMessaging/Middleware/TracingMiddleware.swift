import Tracing

/// A span for each message that is sent and for each that is processed, joined by trace context in the headers.
struct TracingMiddleware: MessagingMiddleware {
    let system: String

    func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
        try await withSpan("send \(message.target)", ofKind: message.kind == .query ? .client : .producer) { span in
            describe(span, kind: message.kind, target: message.target, id: message.id)
            var message = message
            InstrumentationSystem.instrument.inject(span.context, into: &message.headers, using: HeaderCarrier())
            return try await next(message)
        }
    }

    func process(_ message: IncomingMessage, context: MessageContext, next: ProcessNext) async throws -> Message? {
        var serviceContext = ServiceContext.current ?? .topLevel
        InstrumentationSystem.instrument.extract(message.headers, into: &serviceContext, using: HeaderCarrier())
        let kind: SpanKind = context.kind == .query ? .server : .consumer
        return try await withSpan("process \(context.target)", context: serviceContext, ofKind: kind) { span in
            describe(span, kind: context.kind, target: context.target, id: context.messageID)
            return try await next(message, context)
        }
    }

    private func describe(_ span: any Span, kind: MessageKind, target: String, id: String) {
        span.attributes["messaging.system"] = system
        span.attributes["messaging.operation.name"] = kind.rawValue
        span.attributes["messaging.destination.name"] = target
        span.attributes["messaging.message.id"] = id
    }
}

/// Reads and writes trace context (`traceparent`, `tracestate`) as headers of a message.
private struct HeaderCarrier: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout MessageHeaders) { carrier[key] = value }

    func extract(key: String, from carrier: MessageHeaders) -> String? { carrier[key] }
}
