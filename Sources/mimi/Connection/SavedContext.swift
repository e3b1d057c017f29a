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
        let secrets = Set(RabbitMQAdapter.options.filter(\.isSecret).map(\.key) + ["mq_username"])
        var shown = self
        for (key, value) in options {
            shown.options[key] = secrets.contains(key) && key != "mq_url" ? "***" : Redaction.urls(in: value)
        }
        shown.managementURL = managementURL.map(Redaction.urls)
        return shown
    }
}

/// Takes users and passwords out of what is shown.
enum Redaction {
    /// The text with `***` for what stands before the host in a URL.
    ///
    /// The last @ of a line ends it: an unescaped one in a password must not show its end.
    static func urls(in text: String) -> String {
        text.replacing(/:\/\/.*@/, with: "://***@").replacing(/[^\s'\/:]+:(?!\/\/)\S*@/, with: "***@")
    }
}
