/// How to secure the connection. The key's pass phrase is redacted in every textual form.
package struct AMQPTLSConfiguration: Sendable {
    /// A PEM file with the authorities to trust; nil means the system's own.
    package var caFile: String?
    /// A PEM file with the client certificate, its chain behind it; needs ``keyFile``.
    package var certificateFile: String?
    /// A PEM file with the client certificate's key.
    package var keyFile: String?
    /// The pass phrase of ``keyFile``; nobody is ever asked for one.
    package var keyPassphrase: String?
    /// Whether the peer's chain must lead to a trusted authority. Default true. Without it anyone can be the broker.
    package var verifyPeer: Bool
    /// Whether the certificate must name the host. Default true.
    package var verifyHostname: Bool
    /// The name or address to ask for (SNI) and to verify; nil means the endpoint's host.
    package var serverName: String?

    package init(
        caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, keyPassphrase: String? = nil,
        verifyPeer: Bool = true, verifyHostname: Bool = true, serverName: String? = nil
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.keyPassphrase = keyPassphrase
        self.verifyPeer = verifyPeer
        self.verifyHostname = verifyHostname
        self.serverName = serverName
    }
}

extension AMQPTLSConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        let files = [("ca", caFile), ("certificate", certificateFile), ("key", keyFile), ("name", serverName)]
        let shown = files.compactMap { name, value in value.map { "\(name): \($0), " } }.joined()
        return "tls(\(shown)verifies peer: \(verifyPeer), host name: \(verifyHostname))"
    }

    package var debugDescription: String { description }

    /// Leaves the pass phrase out.
    package var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "caFile": caFile as Any, "certificateFile": certificateFile as Any, "keyFile": keyFile as Any,
                "verifyPeer": verifyPeer, "verifyHostname": verifyHostname, "serverName": serverName as Any,
            ])
    }
}
