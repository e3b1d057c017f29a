import Foundation
import MimiMessaging

/// What the management API says about the broker.
struct ManagementOverview: Decodable, Sendable {
    let rabbitMQVersion: String?
    /// The broker's clock when it answered, to the second.
    private(set) var date: Date?

    private enum CodingKeys: String, CodingKey { case rabbitMQVersion = "rabbitmq_version" }

    func with(date: Date?) -> ManagementOverview {
        var overview = self
        overview.date = date
        return overview
    }
}

/// A node of the cluster.
struct ManagementNode: Decodable, Sendable {
    let name: String
    let isRunning: Bool?
    let hasMemoryAlarm: Bool?
    let hasDiskAlarm: Bool?
    let partitions: [String]?

    private enum CodingKeys: String, CodingKey {
        case name, partitions
        case isRunning = "running"
        case hasMemoryAlarm = "mem_alarm"
        case hasDiskAlarm = "disk_free_alarm"
    }
}

/// A queue with its figures. What a broker does not tell is nil.
struct ManagementQueue: Decodable, Sendable {
    struct Rate: Decodable, Sendable { let rate: Double? }

    struct Statistics: Decodable, Sendable {
        let published: Rate?
        let delivered: Rate?

        private enum CodingKeys: String, CodingKey {
            case published = "publish_details"
            case delivered = "deliver_get_details"
        }
    }

    let name: String
    let type: String?
    let ready: Int?
    let unacknowledged: Int?
    let consumers: Int?
    let arguments: [String: MessageValue]?
    let policy: String?
    let effectivePolicy: [String: MessageValue]?
    /// When its oldest message was sent, in seconds since 1970.
    let oldestSentAt: Int?
    let statistics: Statistics?

    private enum CodingKeys: String, CodingKey {
        case name, type, consumers, arguments, policy
        case ready = "messages_ready"
        case unacknowledged = "messages_unacknowledged"
        case effectivePolicy = "effective_policy_definition"
        case oldestSentAt = "head_message_timestamp"
        case statistics = "message_stats"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        type = try? container.decode(String.self, forKey: .type)
        ready = try? container.decode(Int.self, forKey: .ready)
        unacknowledged = try? container.decode(Int.self, forKey: .unacknowledged)
        consumers = try? container.decode(Int.self, forKey: .consumers)
        // An empty object comes as an empty array; what there is none of as an empty text.
        arguments = try? container.decode([String: MessageValue].self, forKey: .arguments)
        policy = try? container.decode(String.self, forKey: .policy)
        effectivePolicy = try? container.decode([String: MessageValue].self, forKey: .effectivePolicy)
        oldestSentAt = try? container.decode(Int.self, forKey: .oldestSentAt)
        statistics = try? container.decode(Statistics.self, forKey: .statistics)
    }
}

/// A binding of a queue to an exchange.
struct ManagementBinding: Decodable, Sendable {
    let source: String
    let destination: String
    let destinationType: String
    let arguments: [String: MessageValue]

    private enum CodingKeys: String, CodingKey {
        case source, destination, arguments
        case destinationType = "destination_type"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        source = try container.decode(String.self, forKey: .source)
        destination = try container.decode(String.self, forKey: .destination)
        destinationType = try container.decode(String.self, forKey: .destinationType)
        arguments = (try? container.decode([String: MessageValue].self, forKey: .arguments)) ?? [:]
    }
}
