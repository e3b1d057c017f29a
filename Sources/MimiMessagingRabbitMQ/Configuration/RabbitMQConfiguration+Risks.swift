import RabbitMQClient

extension RabbitMQConfiguration {
    /// What the options allow and nobody should want outside of a test, for the log.
    var risks: [String] {
        var risks: [String] = []
        if let tls {
            if !tls.verifyPeer {
                risks.append("the broker's certificate is not verified (mq_tls_verify): anyone can pose as the broker")
            }
        } else if let remote = endpoints.first(where: { !$0.isLoopback }) {
            risks.append("the password and all messages go to \(remote) unencrypted: set mq_tls")
        }
        return risks
    }
}

extension AMQPEndpoint {
    /// Whether what is sent there stays on this machine.
    fileprivate var isLoopback: Bool {
        let name = host.lowercased()
        return name == "localhost" || name.hasSuffix(".localhost") || name == "::1" || isLoopbackAddress(name)
    }

    /// Whether it is 127.x.y.z.
    private func isLoopbackAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
