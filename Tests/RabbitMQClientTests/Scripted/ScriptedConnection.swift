import Logging
import Testing

@testable import RabbitMQClient

/// A connection whose peer, time and turns belong to the test: no socket, no thread, no clock.
final class ScriptedConnection {
    private var handle: AMQPConnection?
    let transport = MemoryTransport()
    let loop: ConnectionLoop
    private(set) var now = MonotonicInstant.now
    private(set) var hasFinished = false
    /// All that the client has sent so far, as text.
    private(set) var sent: [String] = []
    /// The same as frames.
    private(set) var frames: [SentFrame] = []
    private var wakeUps: AsyncStream<Void>.Iterator

    init(
        heartbeat: Duration = .zero, frameMax: Int = 4096, channelMax: Int = 16, limits: AMQPLimits = AMQPLimits(),
        methodTimeout: Duration = .seconds(15)
    ) {
        let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self)
        self.wakeUps = wakeUps.makeAsyncIterator()
        let endpoint = AMQPEndpoint(host: "scripted", port: 1)
        let (connection, loop) = AMQPConnection.driven(
            EstablishedConnection(
                transport: transport, frameMax: frameMax, channelMax: channelMax, heartbeat: heartbeat,
                serverProperties: [:], endpoint: endpoint),
            configuration: AMQPConnectionConfiguration(
                endpoints: [endpoint], methodTimeout: methodTimeout, limits: limits),
            logger: Logger(label: "scripted") { _ in SwiftLogNoOpLogHandler() }, now: now, wakeUp: { wakeUp.yield() })
        handle = connection
        self.loop = loop
    }

    /// A test may end in the middle: whoever still waits is told.
    deinit {
        loop.core.finish(because: AMQPError(.closed, "the test is over"))
        turn()
    }

    /// What the loop wanted to wait for last.
    private(set) var wait: ConnectionLoop.Wait?

    /// The handle that a user would have.
    var connection: AMQPConnection {
        guard let handle else { preconditionFailure("the test has dropped the connection") }
        return handle
    }

    /// Lets go of the handle.
    func dropConnection() { handle = nil }

    /// One turn of the loop.
    func turn() {
        guard !hasFinished else { return }
        switch loop.advance(now: now) {
        case .finished:
            hasFinished = true
            wait = nil
            loop.resumeClosers()
        case .wait(let wait):
            self.wait = wait
            loop.process(now: now, readable: true)
        }
        noteSent()
    }

    private func noteSent() {
        let new = SentFrame.take(from: &transport.outgoing)
        frames += new
        sent += new.map(\.description)
    }

    /// Takes turns as a driver would on a transport that can always be written to: as long as the loop wants to write.
    func writeAll() {
        transport.room = .max
        repeat { turn() } while wait?.write == true
    }

    /// Lets the peer say something, and the client hear it and answer.
    func hear(_ bytes: [UInt8]...) {
        for bytes in bytes { transport.incoming += bytes }
        turn()
        turn()
    }

    /// Lets time pass in one step.
    func pass(_ duration: Duration) {
        now = now + duration
        turn()
        turn()
    }

    /// Takes turns as commands come in, until the client has sent `count` frames of this kind.
    func run(until frame: String, count: Int = 1) async {
        // A test that has run out of time is cancelled, and no command comes any more.
        while sent.count(where: { $0 == frame }) < count, !Task.isCancelled { await turnOnCommand() }
    }

    /// Waits until a task has left a command, and takes a turn.
    func turnOnCommand() async {
        if loop.announceSleep() { await wakeUps.next(isolation: #isolation) }
        turn()
    }

    /// Sleeps as a driver does until a task has left a command, and has that served in the sleep, if that can be.
    ///
    /// - Returns: whether it was.
    func serveOnCommand() async throws -> Bool {
        let wait = try #require(wait)
        if loop.announceSleep() { await wakeUps.next(isolation: #isolation) }
        defer { noteSent() }
        return loop.serve(during: wait, now: now)
    }

    /// Forgets what was sent.
    func forget() {
        sent = []
        frames = []
    }

    /// Opens a channel, in confirm mode if wished.
    func openChannel(_ number: UInt16 = 1, confirms: Bool = false) async throws -> AMQPChannel {
        let opening = Task { [connection] in try await connection.openChannel() }
        await run(until: "\(number) channel.open")
        hear(PeerFrame.channelOpenOk(number))
        let channel = try await opening.value
        if confirms {
            let selecting = Task { try await channel.selectConfirms() }
            await run(until: "\(number) confirm.select")
            hear(PeerFrame.confirmSelectOk(number))
            try await selecting.value
        }
        forget()
        return channel
    }

    /// Starts a consumer that puts what it gets into a stream.
    func consume(
        _ channel: AMQPChannel, tag: String = "c", noAck: Bool = false
    ) async throws -> AsyncStream<AMQPDelivery?>.Iterator {
        let (deliveries, continuation) = AsyncStream.makeStream(of: AMQPDelivery?.self)
        let consuming = Task {
            try await channel.consume(
                "q", tag: tag, noAck: noAck, onDelivery: { continuation.yield($0) },
                onCancel: { continuation.yield(nil) })
        }
        await run(until: "\(channel.id.number) basic.consume")
        hear(PeerFrame.consumeOk(channel.id.number, tag))
        #expect(try await consuming.value == tag)
        forget()
        return deliveries.makeAsyncIterator()
    }

    /// Starts a publish in a task of its own and takes turns until it is out.
    func publish(
        _ channel: AMQPChannel, _ body: [UInt8] = [1], routingKey: String = "q", mandatory: Bool = false,
        messageID: String? = nil, within timeout: Duration? = nil
    ) async -> Task<Void, any Error> {
        let before = sent.count { $0 == "\(channel.id.number) basic.publish" }
        let task = enqueue(
            channel, body, routingKey: routingKey, mandatory: mandatory, messageID: messageID, within: timeout)
        await run(until: "\(channel.id.number) basic.publish", count: before + 1)
        return task
    }

    /// Starts a publish in a task of its own.
    func enqueue(
        _ channel: AMQPChannel, _ body: [UInt8] = [1], routingKey: String = "q", mandatory: Bool = false,
        messageID: String? = nil, within timeout: Duration? = nil
    ) -> Task<Void, any Error> {
        Task {
            try await channel.publish(
                AMQPMessage(properties: AMQPProperties(messageID: messageID), body: body), exchange: "",
                routingKey: routingKey, mandatory: mandatory, timeout: timeout)
        }
    }

    /// The cause of the connection's end; waits for it.
    func end() async -> AMQPError? {
        for await event in connection.events {
            if case .closed(let cause) = event { return cause }
        }
        return nil
    }
}

/// The error a task ended with.
func failure(_ task: Task<some Sendable, any Error>) async -> AMQPError? {
    switch await task.result {
    case .success: nil
    case .failure(let error): error as? AMQPError
    }
}

/// The cause of a channel's end; waits for it.
func end(of channel: AMQPChannel) async -> AMQPError? {
    for await event in channel.events {
        if case .closed(let cause) = event { return cause }
    }
    return nil
}
