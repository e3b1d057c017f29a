package import Logging

extension AMQPConnection {
    /// Connects on the calling thread.
    typealias Connect = @Sendable (AMQPEndpoint) throws(AMQPError) -> EstablishedConnection

    /// What the thread tells about a connection that it has established.
    private struct Login: Sendable {
        let serverProperties: AMQPFieldTable
        let endpoint: AMQPEndpoint
        let frameMax: Int
        let certificateEnd: Int?
    }

    /// Connects to the first endpoint that takes the connection, in the order given.
    ///
    /// Each gets the configuration's connect timeout. When the task is cancelled this returns at once; an attempt that
    /// is under way ends by itself within its timeout, and leaves nothing behind.
    ///
    /// - Throws: the most telling of the endpoints' errors: what the broker said comes before what the network did.
    ///   ``AMQPError/Kind/closed`` after a cancellation.
    package static func open(
        _ configuration: AMQPConnectionConfiguration, logger: Logger
    ) async throws(AMQPError) -> AMQPConnection {
        let connector = Connector(configuration)
        return try await open(configuration, logger: logger) { endpoint throws(AMQPError) in
            try connector.connect(to: endpoint)
        }
    }

    /// Opens a connection whose login is done by `connect`, on the connection's thread.
    static func open(
        _ configuration: AMQPConnectionConfiguration, logger: Logger, connect: @escaping Connect
    ) async throws(AMQPError) -> AMQPConnection {
        let driver = try ConnectionThread()
        let mailbox = Mailbox { driver.commandCame() }
        let handover = Handover<Result<Login, AMQPError>>()
        let (events, continuation) = AsyncStream.makeStream(of: AMQPConnectionEvent.self)
        let thread = try NativeThread {
            do throws(AMQPError) {
                let established = try establish(configuration.endpoints, isWanted: { handover.isWanted }, connect)
                let login = Login(
                    serverProperties: established.serverProperties, endpoint: established.endpoint,
                    frameMax: established.frameMax,
                    certificateEnd: (established.transport as? TLSTransport)?.certificateEnd)
                guard handover.deliver(.success(login)) else { return established.transport.close() }
                let loop = ConnectionLoop(
                    established, configuration: configuration, mailbox: mailbox, events: continuation, logger: logger,
                    now: .now)
                driver.run(loop, descriptor: established.transport.fileDescriptor)
            } catch {
                _ = handover.deliver(.failure(error))
            }
        }
        guard let result = await handover.receive() else {
            throw AMQPError(.closed, "opening the connection was cancelled")
        }
        let login = try result.get()
        return AMQPConnection(
            serverProperties: login.serverProperties, endpoint: login.endpoint, frameMax: login.frameMax,
            certificateEnd: login.certificateEnd, events: events, mailbox: mailbox,
            maximumBodySize: configuration.limits.maximumBodySize, thread: thread)
    }

    /// Tries the endpoints in turn, as long as somebody waits.
    private static func establish(
        _ endpoints: [AMQPEndpoint], isWanted: () -> Bool, _ connect: Connect
    ) throws(AMQPError) -> EstablishedConnection {
        var failure: AMQPError?
        for endpoint in endpoints where isWanted() {
            do throws(AMQPError) {
                return try connect(endpoint)
            } catch {
                if failure.map({ $0.kind.weight < error.kind.weight }) ?? true { failure = error }
            }
        }
        throw failure ?? AMQPError(.connectFailed, "no endpoint to connect to")
    }
}

extension AMQPError.Kind {
    /// How much a failed connect tells: the more has worked before it, the more.
    fileprivate var weight: Int {
        switch self {
        // A certificate is its host's own affair, and that of a host that is merely down may be good.
        case .tls: 0
        case .connectFailed: 1
        case .connectionLost, .timeout: 2
        case .authentication, .virtualHost, .closedByBroker: 4
        default: 3
        }
    }
}
