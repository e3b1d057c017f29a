import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

/// What a named context keeps.
struct SavedContext: Codable, Equatable {
    /// Options of a service, by their keys: `mq_url`, `mq_namespace`, …
    var options: [String: String]
    /// The URL of the broker's management API, if it is not where it usually is.
    var managementURL: String?

    private enum CodingKeys: String, CodingKey {
        case options
        case managementURL = "management_url"
    }

    /// The same for showing: without anything that is secret.
    var redacted: SavedContext {
        let secrets = Set(RabbitMQAdapter.options.filter(\.isSecret).map(\.key))
        var shown = self
        for (key, value) in options {
            shown.options[key] = key == "mq_url" ? Redaction.url(value) : secrets.contains(key) ? "***" : value
        }
        shown.managementURL = managementURL.map(Redaction.url)
        return shown
    }
}

/// Takes passwords out of what is shown.
enum Redaction {
    /// The URL with `***` for its password.
    static func url(_ text: String) -> String {
        guard let scheme = text.range(of: "://") else { return text.contains("@") ? "***" : text }
        let rest = text[scheme.upperBound...]
        // The last @ ends the credentials: an unescaped one in a password must not show its end.
        guard let at = rest.lastIndex(of: "@") else { return text }
        guard let colon = rest[..<at].firstIndex(of: ":") else { return text }
        return text[..<colon] + ":***" + text[at...]
    }
}
