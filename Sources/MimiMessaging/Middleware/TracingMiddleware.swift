import Tracing

/// A span for each message that is sent and for each that is processed, joined by trace context in the headers.
struct TracingMiddleware: MessagingMiddleware {
    let system: String
    /// Where spans go; nil for the tracer of the process.
    private let ownTracer: (any Tracer)?

    init(system: String, tracer: (any Tracer)? = nil) {
        self.system = system
        ownTracer = tracer
    }

    private var tracer: any Tracer { ownTracer ?? InstrumentationSystem.tracer }

    /// Trace context travels even where spans are not recorded.
    private var instrument: any Instrument { ownTracer ?? InstrumentationSystem.instrument }

    func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
        let kind: SpanKind = message.kind == .query ? .client : .producer
        return try await tracer.withAnySpan("send \(message.target)", ofKind: kind) { span in
            describe(span, kind: message.kind, target: message.target, id: message.id)
            var message = message
            instrument.inject(span.context, into: &message.headers, using: HeaderCarrier())
            return try await next(message)
        }
    }

    func process(_ message: IncomingMessage, context: MessageContext, next: ProcessNext) async throws -> Message? {
        var serviceContext = ServiceContext.current ?? .topLevel
        instrument.extract(message.headers, into: &serviceContext, using: HeaderCarrier())
        let kind: SpanKind = context.kind == .query ? .server : .consumer
        let name = "process \(context.target)"
        return try await tracer.withAnySpan(name, context: serviceContext, ofKind: kind) { span in
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
