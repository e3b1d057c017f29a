import MimiMessaging
import RabbitMQClient

extension MessagingError {
    /// What an error of the client means to whoever sends, or starts.
    init(_ error: AMQPError) {
        let code: Code =
            switch error.kind {
            case .connectFailed, .tls, .protocolViolation, .connectionLost, .heartbeatLost, .closed: .connection
            case .authentication: .authentication
            case .virtualHost: .accessRefused
            case .unroutable: .unroutable
            case .nacked: .rejected
            case .timeout: .timeout
            case .invalidMessage: .invalidMessage
            case .messageTooLarge: .messageTooLarge
            case .closedByBroker, .channelClosed: Self.code(forReply: error.replyCode)
            case .internalError: .connection
            }
        // A queue that vanished while something was set up on it is declared anew by the next attempt.
        self.init(code, error.text, isRetryable: error.isPermanent ? false : error.isLinkLoss ? true : nil)
    }

    /// Any error of this adapter, as callers see it.
    init(adapterError error: any Error) {
        switch error {
        case let error as MessagingError: self = error
        case let error as AMQPError: self.init(error)
        default: self.init(.connection, "\(error)")
        }
    }

    /// What to tell a caller whose message was sent before, when it may have arrived then: nothing that says it did not.
    func ofAttempts(thatMayHaveArrived mayHaveArrived: Bool) -> MessagingError {
        guard mayHaveArrived, ![.timeout, .connection].contains(code) else { return self }
        return MessagingError(.connection, "the link broke, and whether the message arrived is not known", cause: self)
    }

    private static func code(forReply code: UInt16?) -> Code {
        switch code {
        case 311: .messageTooLarge
        case 403: .accessRefused
        case 404, 405, 406: .topology
        case 530: .accessRefused
        default: .connection
        }
    }
}

extension AMQPError {
    /// Whether trying again is useless until somebody changes something: the user, a queue's arguments. A TLS failure is
    /// none of that kind: a broker that goes down in the middle of a handshake looks the same.
    var isPermanent: Bool {
        switch kind {
        case .authentication, .virtualHost, .invalidMessage, .messageTooLarge: true
        case .channelClosed, .closedByBroker: [403, 406, 530, 540].contains(replyCode)
        default: false
        }
    }

    /// Whether a message may be sent again over a link that works.
    var isLinkLoss: Bool {
        switch kind {
        case .connectionLost, .heartbeatLost, .closedByBroker, .closed, .protocolViolation, .internalError,
            .connectFailed:
            true
        case .channelClosed: !isPermanent
        default: false
        }
    }
}
