import Foundation
import Testing

@testable import RabbitMQClient

/// The error that connecting ends with; fails the test when it does not.
func connectFailure(
    _ configuration: AMQPConnectionConfiguration, sourceLocation: SourceLocation = #_sourceLocation
) -> AMQPError? {
    do {
        try Connector(configuration).connect(to: configuration.endpoints[0]).transport.close()
        Issue.record("connected", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error
    }
}

/// Opens a channel through the transport, which proves that both directions work after the takeover.
func openChannel(_ established: EstablishedConnection) throws {
    try ask(.channelOpen, over: established) { $0 == .channelOpenOk }
}

/// Sends a method on the first channel, behind bytes that may be anything, and reads until it is answered.
func ask(
    _ method: OutgoingMethod, after bytes: [UInt8] = [], over established: EstablishedConnection,
    until isAnswer: (IncomingMethod) -> Bool
) throws {
    var writer = FrameWriter(frameMax: established.frameMax)
    var reader = FrameReader(
        frameMax: established.frameMax, channelMax: established.channelMax, limits: AMQPLimits())
    reader.feed(established.unread)
    try writer.append(method, channel: 1)
    var rest = (bytes + writer.pendingBytes)[...]
    while !rest.isEmpty {
        guard case .bytes(let count) = try unsafe rest.withUnsafeBytes({ try unsafe established.transport.write($0) })
        else {
            try wait(established.transport, for: POLLOUT)
            continue
        }
        rest = rest.dropFirst(count)
    }
    while true {
        if let frame = try reader.next() {
            if case .method(1, let answer) = frame, isAnswer(answer) { return }
            continue
        }
        switch try reader.fill(from: established.transport) {
        case .bytes: break
        case .wouldBlock: try wait(established.transport, for: POLLIN)
        case .end: throw AMQPError(.connectionLost, "the broker ended the stream")
        }
    }
}

private func wait(_ transport: any Transport, for event: Int32) throws {
    var entry = pollfd(fd: try #require(transport.fileDescriptor), events: Int16(event), revents: 0)
    try #require(unsafe poll(&entry, 1, 30_000) == 1, "nothing came within 30 s")
}
