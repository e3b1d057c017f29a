internal import CRabbitMQ

/// Tells what the library's status codes mean while a connection is being made.
struct LibraryFailure {
    /// How far the attempt had come.
    enum Stage {
        case tls
        case login

        var name: String {
            switch self {
            case .tls: "the TLS handshake"
            case .login: "the login"
            }
        }
    }

    let endpoint: AMQPEndpoint
    let stage: Stage

    /// The error for a status, with OpenSSL's own words when there are some.
    ///
    /// - Parameters:
    ///   - status: A negative `amqp_status_enum`.
    ///   - detail: The oldest entry in OpenSSL's queue, if the connection uses TLS.
    func error(status: Int32, detail: TLSError?) -> AMQPError {
        switch amqp_status_enum(rawValue: status) {
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
            return failed(.connectFailed, "the name cannot be resolved")
        case AMQP_STATUS_TIMEOUT:
            return failed(.connectFailed, "\(stage.name) did not end within the time limit")
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
            return failed(.tls, "the certificate is not trusted: \(words(status))")
        case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
            return failed(.authentication, "the broker does not offer the login mechanism")
        case AMQP_STATUS_BAD_AMQP_DATA, AMQP_STATUS_UNKNOWN_CLASS, AMQP_STATUS_UNKNOWN_METHOD,
            AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION, AMQP_STATUS_WRONG_METHOD, AMQP_STATUS_UNEXPECTED_STATE:
            return failed(.protocolViolation, "the peer does not speak AMQP 0-9-1 as expected: \(words(status))")
        case AMQP_STATUS_CONNECTION_CLOSED, AMQP_STATUS_SOCKET_CLOSED, AMQP_STATUS_SOCKET_ERROR, AMQP_STATUS_TCP_ERROR,
            AMQP_STATUS_SSL_CONNECTION_FAILED, AMQP_STATUS_SSL_ERROR:
            // With TLS 1.3 a refused client certificate shows only in the login, as an alert.
            let isRefusal = detail.map { !$0.isCut } ?? false
            let reason = detail?.text ?? "the peer ended the stream"
            return failed(isRefusal ? .tls : .connectionLost, "\(reason) during \(stage.name)")
        case AMQP_STATUS_HEARTBEAT_TIMEOUT:
            return failed(.heartbeatLost, "no heartbeat during \(stage.name)")
        default:
            return failed(.internalError, "\(stage.name) failed: \(words(status))")
        }
    }

    /// The error for a `connection.close` that answers the login.
    func error(replyCode: UInt16, replyText: String, classID: UInt16, methodID: UInt16) -> AMQPError {
        let kind: AMQPError.Kind =
            switch Int32(replyCode) {
            case AMQP_ACCESS_REFUSED: .authentication
            // "connection limit (…) is reached", of the user or the virtual host: others may leave.
            case AMQP_NOT_ALLOWED where replyText.contains("limit"): .connectFailed
            case AMQP_NOT_ALLOWED, AMQP_INVALID_PATH: .virtualHost
            default: .closedByBroker
            }
        var error = AMQPError(kind, replyCode: replyCode, replyText: replyText, classID: classID, methodID: methodID)
        error.text = "\(endpoint): \(error.text)"
        return error
    }

    /// The error for a certificate that verification refused with this `X509_V_ERR_…`.
    func refusedCertificate(_ code: Int, expected: String) -> AMQPError {
        switch Int32(clamping: code) {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            return failed(.tls, "the certificate does not name \(AMQPError.printable(expected))")
        default:
            let reason = unsafe String(cString: X509_verify_cert_error_string(code))
            return failed(.tls, "the certificate is not trusted: \(reason)")
        }
    }

    private func failed(_ kind: AMQPError.Kind, _ text: String) -> AMQPError {
        AMQPError(kind, "\(endpoint): \(text)")
    }

    private func words(_ status: Int32) -> String { unsafe String(cString: amqp_error_string2(status)) }
}
