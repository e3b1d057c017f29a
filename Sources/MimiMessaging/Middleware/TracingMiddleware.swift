import Tracing

/// A span for each message that is sent and for each that is processed, joined by trace context in the headers.
struct TracingMiddleware: MessagingMiddleware {
    /// What the span that processes an event is to the span that sent it.
    enum EventRelation: String, CaseIterable {
        /// A trace of its own, with a link: an event has many listeners, and its sender does not wait for them.
        case link
        /// A part of the sender's trace.
        case child
    }

    private let system: String
    private let events: EventRelation
    private let tracer: any Tracer
    /// Trace context travels even where spans are not recorded.
    private let instrument: any Instrument

    /// Traces with what the process has now.
    /// - Returns: nil if the process has nothing to trace with.
    init?(system: String, events: EventRelation) {
        tracer = InstrumentationSystem.tracer
        instrument = InstrumentationSystem.instrument
        if tracer is NoOpTracer, instrument is NoOpInstrument { return nil }
        self.system = system
        self.events = events
    }

    func send(_ message: OutgoingMessage, next: SendNext) async throws -> IncomingMessage? {
        let kind: SpanKind = message.kind == .query ? .client : .producer
        return try await tracer.withAnySpan("send \(message.target)", ofKind: kind) { span in
            span.updateAttributes { attributes in
                describe(&attributes, "send", message.kind, id: message.id, size: message.body.count)
                attributes[AttributeName.destination] = String(message.target.dropLast(message.method.count + 1))
                attributes[AttributeName.method] = message.method
            }
            return try await failing(span) {
                var message = message
                instrument.inject(span.context, into: &message.headers, using: HeaderCarrier())
                let reply = try await next(message)
                if reply?.failure != nil { fail(span, MessagingError.Code.remote.description) }
                return reply
            }
        }
    }

    func process(_ message: IncomingMessage, context: MessageContext, next: ProcessNext) async throws -> Message? {
        var sender = ServiceContext.topLevel
        instrument.extract(message.headers, into: &sender, using: HeaderCarrier())
        let isLinked = context.kind == .event && events == .link
        let kind: SpanKind = context.kind == .query ? .server : .consumer
        let name = "process \(context.knownMethod == nil ? context.destination : context.target)"
        return try await tracer.withAnySpan(name, context: isLinked ? .topLevel : sender, ofKind: kind) { span in
            if isLinked, !sender.isEmpty { span.addLink(SpanLink(context: sender, attributes: [:])) }
            span.updateAttributes { attributes in
                describe(&attributes, "process", context.kind, id: context.messageID, size: message.body.count)
                attributes[AttributeName.destination] = context.destination
                attributes[AttributeName.method] = context.knownMethod ?? AttributeName.other
                attributes[AttributeName.attempt] = context.attempt
            }
            return try await failing(span) { try await next(message, context) }
        }
    }

    private func describe(
        _ attributes: inout SpanAttributes, _ operation: String, _ kind: MessageKind, id: String, size: Int
    ) {
        attributes[AttributeName.system] = system
        attributes[AttributeName.operation] = operation
        attributes[AttributeName.operationType] = operation
        attributes[AttributeName.kind] = kind.rawValue
        attributes[AttributeName.messageID] = id
        attributes[AttributeName.bodySize] = size
    }

    /// Marks the span if the operation throws.
    private func failing<Result>(_ span: any Span, _ operation: () async throws -> Result) async throws -> Result {
        do {
            return try await operation()
        } catch {
            fail(span, error.typeName)
            throw error
        }
    }

    private func fail(_ span: any Span, _ type: String) {
        span.attributes[AttributeName.errorType] = type
        span.setStatus(SpanStatus(code: .error))
    }
}

/// Reads and writes trace context (`traceparent`, `tracestate`) as headers of a message.
private struct HeaderCarrier: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout MessageHeaders) { carrier[key] = value }

    func extract(key: String, from carrier: MessageHeaders) -> String? { carrier[key] }
}
