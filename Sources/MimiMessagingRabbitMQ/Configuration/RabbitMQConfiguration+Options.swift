import MimiMessaging
import RabbitMQClient

extension RabbitMQConfiguration {
    static let options = [
        OptionDefinition(
            "mq_url", isSecret: true,
            "amqp:// or amqps:// URL with user, host, port and virtual host, instead of those options."),
        OptionDefinition("mq_host", "Host, or several with commas, each with :port if need be. Default: localhost."),
        OptionDefinition("mq_port", "Port. Default: 5672, with TLS 5671."),
        OptionDefinition("mq_username", "User. Default: guest."),
        OptionDefinition("mq_password", isSecret: true, "Password. Default: guest."),
        OptionDefinition("mq_vhost", "Virtual host. Default: /."),
        OptionDefinition("mq_auth_mechanism", "plain, or external for the client certificate's name. Default: plain."),
        OptionDefinition("mq_tls", "Whether to use TLS. Default: false, with amqps:// true."),
        OptionDefinition("mq_tls_ca_file", "PEM file of authorities to trust. Default: those of the system."),
        OptionDefinition("mq_tls_certificate_file", "PEM file of the client's certificate. Default: none."),
        OptionDefinition("mq_tls_key_file", "PEM file of its private key."),
        OptionDefinition("mq_tls_key_passphrase", isSecret: true, "Pass phrase of that key. Default: none."),
        OptionDefinition("mq_tls_server_name", "Name that the broker's certificate must have. Default: the host."),
        OptionDefinition("mq_tls_verify", "Whether to verify the broker's certificate and name. Default: true."),
        OptionDefinition("mq_rabbitmq_heartbeat", "Heartbeat interval; 0 turns it off. Default: 10 s."),
        OptionDefinition("mq_rabbitmq_connect_timeout", "Time for one attempt to connect to one host. Default: 5 s."),
        OptionDefinition(
            "mq_rabbitmq_start_timeout", "How long starting goes on trying to reach a broker. Default: 10 s."),
        OptionDefinition(
            "mq_rabbitmq_connection_name", "Name in the broker's list of connections. Default: mq_app_id."),
        OptionDefinition("mq_rabbitmq_prefetch", "Unsettled messages per processor. Default: twice its concurrency."),
        OptionDefinition("mq_rabbitmq_queue_type", "quorum or classic. Default: quorum."),
        OptionDefinition(
            "mq_rabbitmq_delivery_limit", "Deliveries of a message that kills its processes. Default: 50."),
        OptionDefinition(
            "mq_rabbitmq_consumer_check_interval",
            "How often to see whether the broker still knows a consumer; 0 for never. Default: 30 s."),
        OptionDefinition("mq_rabbitmq_direct_reply_to", "Whether replies use direct reply-to. Default: true."),
        OptionDefinition("mq_reply_queue_prefix", "What the names of reply queues begin with. Default: mimi.reply."),
        OptionDefinition("mq_rabbitmq_max_headers", "Headers of a message that is taken. Default: 64."),
        OptionDefinition("mq_rabbitmq_max_header_bytes", "Their size, encoded. Default: 16384 (16 KiB)."),
        OptionDefinition("mq_rabbitmq_max_header_depth", "How deep they may nest. Default: 8."),
        OptionDefinition("mq_rabbitmq_max_outstanding", "Messages on their way at a time. Default: 1000."),
        OptionDefinition("mq_rabbitmq_max_outstanding_bytes", "Their bytes. Default: 33554432 (32 MiB)."),
    ]

    /// Reads the options.
    /// - Throws: ``MessagingError/Code/configuration``, naming the option.
    init(options: MessagingOptions, maximumBodySize: Int, credentials provider: CredentialProvider? = nil) throws {
        let url = try options.string("mq_url").map { text in try BrokerURL(text) }
        if url != nil {
            for key in ["mq_host", "mq_port", "mq_username", "mq_password", "mq_vhost"] where options.isSet(key) {
                throw MessagingError(
                    .configuration, "the options 'mq_url' and '\(key)' contradict each other: give one of them")
            }
        }
        tls = try Self.tls(options, url: url)
        let standardPort = tls == nil ? 5672 : 5671
        if let url {
            endpoints = [AMQPEndpoint(host: url.host, port: url.port ?? standardPort)]
        } else {
            let port = try options.integer("mq_port", in: 1...65535) ?? standardPort
            endpoints = try Self.endpoints(options.list("mq_host") ?? ["localhost"], port: port)
        }
        virtualHost = try url?.virtualHost ?? options.string("mq_vhost") ?? "/"
        credentials = try Self.credentials(
            options, url: url, hasCertificate: tls?.certificateFile != nil, provider: provider)
        heartbeat = try options.duration("mq_rabbitmq_heartbeat") ?? .seconds(10)
        connectTimeout = try options.duration("mq_rabbitmq_connect_timeout", atLeast: .milliseconds(1)) ?? .seconds(5)
        startTimeout = try options.duration("mq_rabbitmq_start_timeout") ?? .seconds(10)
        connectionName = try options.string("mq_rabbitmq_connection_name") ?? options.string("mq_app_id")
        prefetch = try options.integer("mq_rabbitmq_prefetch", in: 1...65535)
        queueType =
            try options.choice("mq_rabbitmq_queue_type", of: QueueType.allCases.map(\.rawValue))
            .flatMap(QueueType.init(rawValue:)) ?? .quorum
        deliveryLimit = try options.integer("mq_rabbitmq_delivery_limit", in: 1...1_000_000) ?? 50
        consumerCheckInterval = try options.duration("mq_rabbitmq_consumer_check_interval") ?? .seconds(30)
        usesDirectReplyTo = try options.bool("mq_rabbitmq_direct_reply_to") ?? true
        replyQueuePrefix = try options.string("mq_reply_queue_prefix") ?? "mimi.reply."
        guard (1...128).contains(replyQueuePrefix.utf8.count), !replyQueuePrefix.hasPrefix("amq.") else {
            throw MessagingError(
                .configuration, "the option 'mq_reply_queue_prefix' must be 1 to 128 bytes and not begin with 'amq.'")
        }
        limits = AMQPLimits(
            maximumBodySize: maximumBodySize,
            maximumHeaderCount: try options.integer("mq_rabbitmq_max_headers", in: 16...10_000) ?? 64,
            maximumHeaderBytes: try options.integer("mq_rabbitmq_max_header_bytes", in: 1024...(1 << 16)) ?? 16 << 10,
            // The library's encoder recurses; a copy of what was taken has to be sent on.
            maximumHeaderDepth: try options.integer("mq_rabbitmq_max_header_depth", in: 1...32) ?? 8,
            maximumOutstandingPublishes: try options.integer("mq_rabbitmq_max_outstanding", in: 1...1_000_000) ?? 1000,
            maximumOutstandingBytes: try options.integer("mq_rabbitmq_max_outstanding_bytes", in: 1...(1 << 40))
                ?? 32 * 1024 * 1024)
    }

    private static func endpoints(_ hosts: [String], port: Int) throws(MessagingError) -> [AMQPEndpoint] {
        guard !hosts.isEmpty else { throw MessagingError(.configuration, "the option 'mq_host' is empty") }
        var endpoints: [AMQPEndpoint] = []
        for text in hosts {
            guard let endpoint = HostText.parse(text, standardPort: port) else {
                throw MessagingError(
                    .configuration, "the option 'mq_host' must be hosts such as 'a.example' or 'a.example:5672'")
            }
            endpoints.append(endpoint)
        }
        return endpoints
    }

    private static func credentials(
        _ options: MessagingOptions, url: BrokerURL?, hasCertificate: Bool, provider: CredentialProvider?
    ) throws -> CredentialSource {
        if let provider {
            for key in ["mq_username", "mq_password", "mq_auth_mechanism"] where options.isSet(key) {
                throw MessagingError(.configuration, "the option '\(key)' contradicts the credential provider")
            }
            guard url?.username == nil, url?.password == nil else {
                throw MessagingError(.configuration, "the user in 'mq_url' contradicts the credential provider")
            }
            return .provided(provider)
        }
        guard try options.choice("mq_auth_mechanism", of: ["plain", "external"]) == "external" else {
            let username = try url?.username ?? options.string("mq_username") ?? "guest"
            let password = try url?.password ?? options.string("mq_password") ?? "guest"
            guard !username.utf8.contains(0), !password.utf8.contains(0) else {
                throw MessagingError(.configuration, "user and password must not contain a NUL character")
            }
            return .fixed(.plain(username: username, password: password))
        }
        for key in ["mq_username", "mq_password"] where options.isSet(key) {
            throw MessagingError(
                .configuration, "the option 'mq_auth_mechanism' is external, which contradicts '\(key)'")
        }
        guard hasCertificate else {
            throw MessagingError(
                .configuration,
                "the option 'mq_auth_mechanism' is external, which needs TLS and 'mq_tls_certificate_file'")
        }
        return .fixed(.external)
    }

    private static func tls(_ options: MessagingOptions, url: BrokerURL?) throws(MessagingError)
        -> AMQPTLSConfiguration?
    {
        let details = [
            "mq_tls_ca_file", "mq_tls_certificate_file", "mq_tls_key_file", "mq_tls_key_passphrase",
            "mq_tls_server_name",
            "mq_tls_verify",
        ]
        let wanted = try options.bool("mq_tls")
        if let url, let wanted, wanted != url.usesTLS {
            throw MessagingError(.configuration, "the options 'mq_url' and 'mq_tls' contradict each other")
        }
        guard wanted ?? url?.usesTLS ?? false else {
            // Never plain when somebody configured TLS.
            if let detail = details.first(where: options.isSet) {
                throw MessagingError(
                    .configuration, "the option '\(detail)' is given, but TLS is off: set 'mq_tls' or an amqps:// URL")
            }
            return nil
        }
        let certificate = try options.string("mq_tls_certificate_file")
        let key = try options.string("mq_tls_key_file")
        guard (certificate == nil) == (key == nil) else {
            throw MessagingError(
                .configuration, "the options 'mq_tls_certificate_file' and 'mq_tls_key_file' need each other")
        }
        let verifies = try options.bool("mq_tls_verify") ?? true
        return AMQPTLSConfiguration(
            caFile: try options.string("mq_tls_ca_file"), certificateFile: certificate, keyFile: key,
            keyPassphrase: try options.string("mq_tls_key_passphrase"), verifyPeer: verifies, verifyHostname: verifies,
            serverName: try options.string("mq_tls_server_name"))
    }
}
