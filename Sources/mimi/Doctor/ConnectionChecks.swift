import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

/// What a connection and its login tell. Pure: facts go in, diagnoses come out.
enum ConnectionChecks {
    /// Why there is no connection to look further with; nil for an error that says nothing about the broker.
    static func failure(_ error: MessagingError) -> Diagnosis? {
        let (check, remedy): (String, String)
        switch error.code {
        case .connection, .timeout:
            (check, remedy) = ("broker", "Start it, or say where it is: --url, --context or MQ_URL.")
        case .authentication:
            (check, remedy) = (
                "login", "rabbitmqctl change_password USER, or give another password: --url, the context or MQ_URL"
            )
        case .accessRefused:
            (check, remedy) = (
                "virtual host", "rabbitmqctl add_vhost VHOST; rabbitmqctl set_permissions -p VHOST USER '.*' '.*' '.*'"
            )
        default: return nil
        }
        return Diagnosis(check, .problem, error.message, remedy: remedy)
    }

    static func version(_ identity: BrokerIdentity) -> Diagnosis {
        let text = "\(identity.product) \(identity.version) at \(identity.endpoint)"
        let numbers = identity.version.split(separator: ".").prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { return Diagnosis("broker", .unknown, text) }
        let isOld = (numbers[0], numbers[1]) < (3, 10)
        return Diagnosis(
            "broker", isOld ? .problem : .ok, text + (isOld ? ", older than 3.10" : ""),
            remedy: isOld ? "Upgrade the broker to RabbitMQ 3.10 or newer." : nil)
    }

    static func roundTrip(_ duration: Duration) -> Diagnosis {
        let text = Units.microseconds(duration.wholeMicroseconds)
        guard duration > .milliseconds(100) else { return Diagnosis("round trip", .ok, text) }
        return Diagnosis(
            "round trip", .warning, text,
            remedy: "Every confirm takes as long: run services nearer to the broker, or look at its load.")
    }

    static func frameSize(_ bytes: Int) -> Diagnosis {
        guard bytes < 16 << 10 else { return Diagnosis("frame size", .ok, "\(bytes) bytes") }
        return Diagnosis(
            "frame size", .warning, "\(bytes) bytes make many frames of a message",
            remedy: "rabbitmq.conf: frame_max = 131072")
    }

    static func encryption(_ identity: BrokerIdentity, now: Date = .now) -> Diagnosis {
        guard identity.usesTLS else {
            let isLocal = ["localhost", "127.0.0.1", "::1"].contains(identity.host)
            return Diagnosis(
                "TLS", isLocal ? .ok : .warning,
                isLocal ? "none, on this machine" : "messages and password travel in the clear",
                remedy: isLocal ? nil : "Use an amqps:// URL.")
        }
        guard let end = identity.certificateEnd else { return Diagnosis("TLS", .unknown, "the certificate has no end") }
        let days = Int((Double(end) - now.timeIntervalSince1970) / 86_400)
        let text = "the broker's certificate ends \(Units.time(end)), in \(Units.count(days, "day"))"
        guard days < 30 else { return Diagnosis("TLS", .ok, text) }
        return Diagnosis(
            "TLS", days < 7 ? .problem : .warning, text,
            remedy: "Renew it, then: rabbitmqctl eval 'ssl:clear_pem_cache().'")
    }

    static func permissions(_ trial: PermissionTrial, blocked: String?, virtualHost: String) -> [Diagnosis] {
        let remedy = "rabbitmqctl set_permissions -p '\(virtualHost)' USER '.*' '.*' '.*'"
        var diagnoses: [Diagnosis] = []
        let failures = [
            ("configure", trial.configure), ("write", blocked == nil ? trial.write : nil), ("read", trial.read),
        ]
        for (name, failure) in failures {
            guard let failure else { continue }
            diagnoses.append(
                failure.isRefusal
                    ? Diagnosis("permissions", .problem, "\(name) is refused: \(failure.text)", remedy: remedy)
                    : Diagnosis(
                        "permissions", .unknown, "\(name) was tried, but did not work: \(failure.text)",
                        remedy: "Try again; look at the load of the broker."))
        }
        if diagnoses.isEmpty { diagnoses.append(Diagnosis("permissions", .ok, "configure, write and read")) }
        if let blocked {
            diagnoses.append(
                Diagnosis(
                    "alarms", .problem, "the broker takes no messages: \(blocked)",
                    remedy: "rabbitmq-diagnostics alarms; free memory or disk on that node"))
        } else if trial.write?.isRefusal != false {
            diagnoses.append(Diagnosis("alarms", .ok, "the broker takes messages"))
        }
        return diagnoses
    }
}
