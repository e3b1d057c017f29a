import MimiMessaging
import RabbitMQClient

/// What a broker says about itself and the connection to it.
package struct BrokerIdentity: Sendable {
    /// `RabbitMQ`, as a rule.
    package let product: String
    /// Its version, `3.13.7`.
    package let version: String
    /// The name of its cluster, if it has one.
    package let cluster: String?
    /// Where it answered: host and port.
    package let endpoint: String
    /// The host alone.
    package let host: String
    /// The virtual host.
    package let virtualHost: String
    /// The agreed frame size in bytes.
    package let frameSize: Int
    /// Whether the connection is encrypted.
    package let usesTLS: Bool
    /// When the broker's certificate ends, in seconds since 1970; nil without TLS.
    package let certificateEnd: Int?
}

/// What the user may do, tried out on a queue that only this connection can see.
package struct PermissionTrial: Sendable {
    /// Why something could not be done.
    package struct Failure: Sendable, Hashable {
        /// What was said about it.
        package let text: String
        /// The broker does not allow it (403), rather than that it did not work.
        package let isRefusal: Bool

        package init(text: String, isRefusal: Bool) {
            self.text = text
            self.isRefusal = isRefusal
        }

        init(_ error: AMQPError) {
            self.init(text: error.text, isRefusal: error.replyCode == 403)
        }
    }

    /// Why it could not declare a queue; nil if it could.
    package internal(set) var configure: Failure?
    /// Why it could not send; nil if it could.
    package internal(set) var write: Failure?
    /// Why it could not listen; nil if it could.
    package internal(set) var read: Failure?

    package init(configure: Failure? = nil, write: Failure? = nil, read: Failure? = nil) {
        self.configure = configure
        self.write = write
        self.read = read
    }
}

extension BrokerAdministration {
    /// What the broker says about itself.
    package var identity: BrokerIdentity {
        let properties = connection.serverProperties
        return BrokerIdentity(
            product: properties["product"]?.text ?? "unknown", version: properties["version"]?.text ?? "unknown",
            cluster: properties["cluster_name"]?.text, endpoint: connection.endpoint.description,
            host: connection.endpoint.host, virtualHost: configuration.virtualHost, frameSize: connection.frameMax,
            usesTLS: configuration.tls != nil, certificateEnd: connection.certificateEnd)
    }

    /// User and password, for the broker's other interfaces; nil for a login by certificate.
    package var passwordLogin: (username: String, password: String)? {
        guard case .plain(let username, let password) = credentials else { return nil }
        return (username, password)
    }

    /// How long the broker takes to answer.
    package func roundTrip() async throws -> Duration {
        let start = ContinuousClock.now
        do {
            try await onChannel { _ in }
        } catch {
            throw Self.outward(error)
        }
        // A channel is opened and closed: two.
        return start.duration(to: .now) / 2
    }

    /// Declares, reads and sends, and says what the broker refused. Sends last: under an alarm the broker hears nothing
    /// more of this connection from then on, and the connection is good for nothing but ``close()``.
    package func tryPermissions() async throws -> PermissionTrial {
        var trial = PermissionTrial()
        let name = "mimi.doctor." + RandomID.make().prefix(12)
        do {
            try await onChannel { channel in
                _ = try await channel.declareQueue(name, durable: false, exclusive: true, autoDelete: true)
            }
        } catch let error as AMQPError {
            trial.configure = PermissionTrial.Failure(error)
            return trial
        }
        do {
            try await onChannel { channel in
                if let delivery = try await channel.get(name) { channel.ack(delivery.tag) }
            }
        } catch let error as AMQPError {
            trial.read = PermissionTrial.Failure(error)
        }
        do {
            // Closes with the connection: to wait for that here would be to wait for the end of an alarm.
            let channel = try await connection.openChannel()
            try await channel.selectConfirms()
            // Twice: under an alarm the broker may take the first, and says with it that it takes no more.
            for _ in 1...2 {
                try await channel.publish(
                    AMQPMessage(body: []), exchange: "", routingKey: name, mandatory: true, timeout: .seconds(2))
            }
        } catch let error as AMQPError {
            trial.write = PermissionTrial.Failure(error)
        }
        return trial
    }
}
