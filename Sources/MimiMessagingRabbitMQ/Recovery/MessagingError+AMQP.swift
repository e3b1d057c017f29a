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
            case .channelClosed where error.blamesAPublish: Self.code(ofRefusedPublish: error)
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

    /// The broker says only in words what it does not like about a message; of all that can be, we send none but its
    /// size.
    private static func code(ofRefusedPublish error: AMQPError) -> Code {
        switch error.replyCode {
        case 403: .accessRefused
        case 406 where error.replyText?.contains("size") != true: .invalidMessage
        default: .messageTooLarge
        }
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
    /// Whether trying again is useless until somebody changes something: the user, a certificate, a queue's arguments.
    var isPermanent: Bool {
        switch kind {
        case .authentication, .tls, .virtualHost, .invalidMessage, .messageTooLarge: true
        case .channelClosed, .closedByBroker: [403, 406, 530, 540].contains(replyCode)
        default: false
        }
    }

    /// Whether the broker closed the channel because of one message that was published on it. It does not say of which.
    var blamesAPublish: Bool {
        kind == .channelClosed && method == "basic.publish" && [311, 403, 406].contains(replyCode)
    }

    /// Whether the broker closed the channel because a delivery was not settled in its time (`consumer_timeout`).
    var isAcknowledgementTimeout: Bool {
        kind == .channelClosed && replyCode == 406 && replyText?.contains("acknowledgement") == true
    }

    /// Whether the connection is gone, not a channel of it alone.
    var isEndOfConnection: Bool {
        switch kind {
        case .connectionLost, .heartbeatLost, .closedByBroker, .closed, .protocolViolation: true
        default: false
        }
    }

    /// Whether the broker closed the connection over something that was asked of it. (Below 500 it does so for reasons of
    /// its own: it shuts down, or an operator wants it.)
    var isConnectionError: Bool { kind == .closedByBroker && (replyCode ?? 0) >= 500 }

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
