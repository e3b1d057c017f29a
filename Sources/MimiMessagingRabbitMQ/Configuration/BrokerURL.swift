import MimiMessaging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `amqp://user:password@host:port/virtual-host`, percent-encoded where need be.
///
/// Nothing or `/` after the port means the virtual host `/`.
struct BrokerURL {
    let usesTLS: Bool
    let host: String
    let port: Int?
    let username: String?
    let password: String?
    let virtualHost: String?

    /// - Throws: ``MessagingError/Code/configuration``. The URL itself is not in the error: it may hold a password.
    init(_ text: String) throws(MessagingError) {
        func malformed(_ reason: String) -> MessagingError {
            MessagingError(
                .configuration,
                "the option 'mq_url' is malformed: \(reason); it should be like amqp://user:password@host:5672/virtual-host, "
                    + "with special characters percent-encoded")
        }
        guard let components = URLComponents(string: text, encodingInvalidCharacters: false) else {
            throw malformed("it is no URL")
        }
        switch components.scheme?.lowercased() {
        case "amqp": usesTLS = false
        case "amqps": usesTLS = true
        default: throw malformed("it begins with neither amqp:// nor amqps://")
        }
        let written = components.host ?? ""
        // An IPv6 address stands in brackets.
        let isAddress = written.hasPrefix("[") && written.hasSuffix("]")
        host = isAddress ? String(written.dropFirst().dropLast()) : written
        guard !host.isEmpty else { throw malformed("it has no host") }
        guard components.query == nil, components.fragment == nil else {
            throw malformed("it has a part after '?' or '#'")
        }
        if let port = components.port, !(1...65535).contains(port) { throw malformed("its port is not 1 to 65535") }
        port = components.port
        username = components.user
        password = components.password
        guard !components.percentEncodedPath.dropFirst().contains("/") else {
            throw malformed("its virtual host has a '/' that is not written %2F")
        }
        let virtualHost = String(components.path.dropFirst())
        self.virtualHost = virtualHost.isEmpty ? nil : virtualHost
    }
}
