import Logging

/// What the channels of one connection share. Belongs to the connection's loop.
final class ConnectionShared {
    /// Publishes stop being encoded when so many bytes wait for the transport, about 256 KiB.
    static let outputLimit = 256 << 10

    var writer: FrameWriter
    var budget: OutstandingBudget
    var resumptions = Resumptions()
    /// Whether the broker has said that it reads nothing for now (`connection.blocked`).
    var isBlocked = false
    let methodTimeout: Duration
    let logger: Logger

    init(frameMax: Int, limits: AMQPLimits, methodTimeout: Duration, logger: Logger) {
        writer = FrameWriter(frameMax: frameMax)
        budget = OutstandingBudget(
            maximumCount: limits.maximumOutstandingPublishes, maximumBytes: limits.maximumOutstandingBytes)
        self.methodTimeout = methodTimeout
        self.logger = logger
    }

    /// Whether more may be encoded.
    var hasRoom: Bool { writer.count < Self.outputLimit }

    /// Encodes a method that has no names or tables and so cannot fail.
    func send(_ method: OutgoingMethod, channel: UInt16) {
        do {
            try writer.append(method, channel: channel)
        } catch {
            logger.error("could not encode a method", metadata: ["error": "\(error)"])
        }
    }
}
