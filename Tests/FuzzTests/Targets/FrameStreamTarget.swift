import Logging

@testable import RabbitMQClient

extension FuzzTarget {
    /// All that a broker says after the login, to a connection with a consumer and a publish that waits. However the bytes are
    /// cut, the same comes of them; the connection ends, and so does the publish.
    static let frames = FuzzTarget(suspending: "frames") { bytes in
        let whole = try await FuzzedConnection().outcome(of: bytes, inPiecesOf: max(1, bytes.count))
        let pieces = try await FuzzedConnection().outcome(of: bytes, inPiecesOf: 1 + bytes.count % 7)
        // How far tags may skip depends on what is settled already, and pieces settle earlier.
        if !whole.skipsTags, !pieces.skipsTags {
            try require(whole == pieces, "the pieces matter: \(whole) and \(pieces)")
        }
        try require(whole.deliveredBytes <= bytes.count, "more was delivered than came")
    }
}

/// A connection without a socket, a thread and a clock.
private final class FuzzedConnection {
    /// What came of a stream.
    struct Outcome: Equatable {
        let cause: String
        let deliveries: Int
        let deliveredBytes: Int
        let published: String

        /// Whether the peer's delivery tags are what ended it.
        var skipsTags: Bool { cause.contains("delivery tag") }
    }

    /// What the consumer has seen.
    private struct Seen: Sendable {
        var tags: [UInt64] = []
        var bytes = 0
    }

    private let transport = FuzzedTransport()
    private let mailbox = Mailbox {}
    private let loop: ConnectionLoop
    private let now = MonotonicInstant.now
    private let seen = Lock(Seen())
    private var isFinished = false
    private let id = ChannelID(number: 1, generation: 1)
    private static let silent = Logger(label: "fuzzing") { _ in SwiftLogNoOpLogHandler() }

    init() {
        let endpoint = AMQPEndpoint(host: "fuzzed", port: 1)
        loop = ConnectionLoop(
            EstablishedConnection(
                transport: transport, frameMax: 4096, channelMax: 4, heartbeat: .seconds(10), serverProperties: [:],
                endpoint: endpoint),
            configuration: AMQPConnectionConfiguration(
                endpoints: [endpoint], limits: AMQPLimits(maximumBodySize: 1 << 16)),
            mailbox: mailbox, events: AsyncStream.makeStream(of: AMQPConnectionEvent.self).continuation,
            logger: Self.silent, now: now)
    }

    func outcome(of stream: [UInt8], inPiecesOf size: Int) async throws -> Outcome {
        try await prepare()
        let published = await publish { [self] in
            var position = 0
            while position < stream.count, !isFinished {
                transport.incoming += stream[position..<min(position + size, stream.count)]
                position += size
                turn()
            }
            for tag in seen.withLock({ $0.tags }) where tag % 3 != 0 {
                _ = mailbox.submit(.decide(id, deliveryTag: tag, tag % 2 == 0 ? .ack : .nack(requeue: false)))
            }
            turn()
            transport.hasEnded = true
            for _ in 0..<100 where !isFinished { turn() }
        }
        try require(isFinished, "the connection does not end")
        try require(transport.isClosed, "the transport is left open")
        let (deliveries, bytes) = seen.withLock { ($0.tags.count, $0.bytes) }
        return Outcome(
            cause: loop.core.state.cause.map { "\($0)" } ?? "none", deliveries: deliveries, deliveredBytes: bytes,
            published: published)
    }

    /// Opens a channel in confirm mode and starts a consumer.
    private func prepare() async throws {
        let number = await withCheckedContinuation { (waiter: Resumptions.Reply<UInt16>) in
            let events = AsyncStream.makeStream(of: AMQPChannelEvent.self).continuation
            command(.openChannel(ChannelOpening(generation: 1, events: events, waiter: waiter)))
            hear([1, 0, 1, 0, 0, 0, 8, 0, 20, 0, 11, 0, 0, 0, 0, 206])
        }
        try require(try number.get() == 1, "another channel")
        let consumer = Consumer(
            tag: "c", noAck: false,
            onDelivery: { [seen] delivery in
                seen.withLock { seen in
                    seen.tags.append(delivery.tag.number)
                    if case .message(let message) = delivery.content { seen.bytes += message.body.count }
                }
            }, onCancel: {})
        try await call(.confirmSelect, nil, [1, 0, 1, 0, 0, 0, 4, 0, 85, 0, 11, 206])
        let consume = OutgoingMethod.basicConsume(
            queue: "q", consumerTag: "c", noAck: false, exclusive: false, arguments: [:])
        try await call(consume, consumer, [1, 0, 1, 0, 0, 0, 6, 0, 60, 0, 21, 1, 99, 206])
    }

    private func call(_ method: OutgoingMethod, _ consumer: Consumer?, _ answer: [UInt8]) async throws {
        let result = await withCheckedContinuation { (reply: Resumptions.Reply<RPCAnswer>) in
            command(.call(id, method, RPCWaiter(consumer: consumer, reply: reply)))
            hear(answer)
        }
        _ = try result.get()
    }

    /// Publishes, lets `peer` answer it or not, and tells how it ended.
    private func publish(_ peer: () -> Void) async -> String {
        do {
            try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Void, any Error>) in
                let message = AMQPMessage(properties: AMQPProperties(messageID: "m"), body: [1])
                let request = PublishRequest(
                    message: message, exchange: "", routingKey: "q", mandatory: true, awaitsConfirm: true, timeout: nil
                )
                command(.publish(id, request, .callback { waiter.resume(with: $0) }))
                peer()
            }
            return "confirmed"
        } catch {
            return "\(error)"
        }
    }

    private func command(_ command: Command) {
        _ = mailbox.submit(command)
        turn()
    }

    private func hear(_ bytes: [UInt8]) {
        transport.incoming += bytes
        turn()
    }

    private func turn() {
        guard !isFinished else { return }
        switch loop.advance(now: now) {
        case .finished:
            isFinished = true
            loop.resumeClosers()
        case .wait: loop.process(now: now, readable: true)
        }
    }
}

/// A stream in memory that takes everything.
private final class FuzzedTransport: Transport {
    let fileDescriptor: Int32? = nil
    var incoming: [UInt8] = []
    var hasEnded = false
    private(set) var isClosed = false

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(AMQPError) -> TransportRead {
        guard !incoming.isEmpty else { return hasEnded ? .end : .wouldBlock(needsWrite: false) }
        let count = min(buffer.count, incoming.count)
        unsafe buffer.copyBytes(from: incoming[..<count])
        incoming.removeFirst(count)
        return .bytes(count)
    }

    func write(_ buffer: UnsafeRawBufferPointer) throws(AMQPError) -> TransportWrite { .bytes(buffer.count) }

    func close() { isClosed = true }
}
