/// Puts the contents of one channel together: method, content header, body frames.
struct ContentAssembler {
    /// A content that is complete.
    struct Content {
        /// `basic.deliver`, `basic.get-ok` or `basic.return`.
        let method: IncomingMethod
        let content: AMQPDelivery.Content
    }

    private enum State {
        case idle
        case awaitingHeader(IncomingMethod)
        case collecting(IncomingMethod, AMQPProperties, remaining: Int)
        /// The body is read and dropped; `content` is what will be delivered after it.
        case skipping(IncomingMethod, AMQPDelivery.Content, remaining: UInt64)
    }

    /// A body up to this many bytes gets its memory at once; a larger one only as it comes in.
    private static let reserved: UInt64 = 1 << 20

    private var state = State.idle
    private var body: [UInt8] = []

    /// Whether no content is under way, so that another method may come.
    var isIdle: Bool { if case .idle = state { true } else { false } }

    /// Starts with a method that has content.
    mutating func begin(_ method: IncomingMethod) { state = .awaitingHeader(method) }

    /// Takes the content header. Gives the content if there is no body.
    mutating func receive(_ header: ContentHeader) throws(AMQPError) -> Content? {
        guard case .awaitingHeader(let method) = state else { throw Self.unexpected("a content header") }
        switch header.properties {
        case .refused(let reason):
            return skip(method, .bad(reason: reason), header.bodySize)
        case .accepted(let properties):
            // What comes back unroutable is known to its publisher; only the properties tell which message it was.
            if case .basicReturn = method {
                return skip(method, .message(AMQPMessage(properties: properties, body: [])), header.bodySize)
            }
            guard let size = Int(exactly: header.bodySize) else {
                return skip(method, .bad(reason: "the body is \(header.bodySize) bytes long"), header.bodySize)
            }
            guard size > 0 else { return complete(method, .message(AMQPMessage(properties: properties, body: []))) }
            if header.bodySize <= Self.reserved { body.reserveCapacity(size) }
            state = .collecting(method, properties, remaining: size)
            return nil
        }
    }

    /// Takes a body frame of `size` bytes, which `append` copies. Gives the content after the last one.
    mutating func receiveBody(size: Int, append: (inout [UInt8]) -> Void) throws(AMQPError) -> Content? {
        switch state {
        case .collecting(let method, let properties, let remaining):
            guard size <= remaining else { throw Self.tooLong }
            append(&body)
            guard size == remaining else {
                state = .collecting(method, properties, remaining: remaining - size)
                return nil
            }
            var whole: [UInt8] = []
            swap(&whole, &body)
            return complete(method, .message(AMQPMessage(properties: properties, body: whole)))
        case .skipping(let method, let content, let remaining):
            guard UInt64(size) <= remaining else { throw Self.tooLong }
            return skip(method, content, remaining - UInt64(size))
        case .idle, .awaitingHeader:
            throw Self.unexpected("a body frame")
        }
    }

    private mutating func skip(
        _ method: IncomingMethod, _ content: AMQPDelivery.Content, _ remaining: UInt64
    ) -> Content? {
        guard remaining > 0 else { return complete(method, content) }
        state = .skipping(method, content, remaining: remaining)
        return nil
    }

    private mutating func complete(_ method: IncomingMethod, _ content: AMQPDelivery.Content) -> Content {
        state = .idle
        return Content(method: method, content: content)
    }

    private static func unexpected(_ what: String) -> AMQPError {
        AMQPError(.protocolViolation, "the peer sent \(what) out of turn")
    }

    private static var tooLong: AMQPError {
        AMQPError(.protocolViolation, "the peer sent more body bytes than it announced")
    }
}
