import ArgumentParser
import Foundation
import MimiMessaging
import MimiMessagingRabbitMQ

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look whether broker, connection and queues are well, and say what mends what is not.",
        discussion: """
              mimi doctor orders billing.users

            Exit status for monitoring: 0 well, 10 something should be looked at, 11 something is wrong. What nobody can \
            tell from here is 'unknown' and does not count.
            """)

    @Argument(help: "Queues to look at, too.")
    var queues: [String] = []

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let management = try connection.resolved().managementURL
        let diagnoses: [Diagnosis]
        do {
            diagnoses = try await connection.withAdministration { [queues] administration in
                let examination = Examination(administration: administration, queues: queues)
                return try await examination.overAMQP() + examination.overHTTP(management)
            }
        } catch let error as MessagingError {
            guard let failure = ConnectionChecks.failure(error) else { throw error }
            diagnoses = [failure]
        }
        for diagnosis in diagnoses { try output.show(diagnosis) { diagnosis.lines.forEach(Console.line) } }
        let status = Diagnosis.status(diagnoses)
        guard status == .success else { throw ExitCode(status.rawValue) }
    }
}

/// Gathers the facts and lets the checks judge them.
private struct Examination {
    let administration: BrokerAdministration
    let queues: [String]

    func overAMQP() async throws -> [Diagnosis] {
        let identity = administration.identity
        var diagnoses = [
            ConnectionChecks.version(identity), ConnectionChecks.roundTrip(try await administration.roundTrip()),
            ConnectionChecks.frameSize(identity.frameSize), ConnectionChecks.encryption(identity),
        ]
        for queue in queues {
            diagnoses += QueueChecks.queue(
                queue, try await administration.status(of: queue),
                dead: try await administration.deadLetterStatus(of: queue),
                hasDeadLetterExchange: try await administration.hasDeadLetterExchange(of: queue))
        }
        // Last on this connection: a broker under an alarm reads nothing more of one that has sent.
        let trial = try await administration.tryPermissions()
        diagnoses += ConnectionChecks.permissions(
            trial, blocked: administration.blockedReason, virtualHost: identity.virtualHost)
        return diagnoses
    }

    func overHTTP(_ explicit: String?) async throws -> [Diagnosis] {
        let timeout = Diagnosis(
            "consumer timeout", .unknown, "neither AMQP nor HTTP tells; by default a handler may take 30 minutes",
            remedy: "rabbitmqctl eval 'application:get_env(rabbit, consumer_timeout).'")
        let api: ManagementAPI
        let overview: ManagementOverview
        switch try await ManagementAPI.find(explicit, for: administration) {
        case .failure(let absence):
            return [timeout, Diagnosis("nodes, clock, policies, delivery limits", .unknown, absence.text)]
        case .success(let found): (api, overview) = found
        }
        var diagnoses = [timeout, ManagementChecks.clock(overview.date)]
        do {
            diagnoses += ManagementChecks.nodes(try await api.get("nodes"))
        } catch let status as ManagementStatus {
            diagnoses.append(
                Diagnosis(
                    "nodes", .unknown, "\(status)", remedy: "rabbitmqctl set_user_tags USER monitoring"))
        }
        for queue in queues {
            let name = try administration.brokerName(of: queue)
            for name in [name, QueueNames.deadLetters(of: name)] {
                do {
                    let found: ManagementQueue = try await api.get("queues", ManagementAPI.vhost, name)
                    diagnoses += [
                        ManagementChecks.policy(found), ManagementChecks.deliveryLimit(found),
                        ManagementChecks.consumerTimeout(found),
                    ].compactMap { $0 }
                } catch let status as ManagementStatus where status.code == 404 {
                    // Said already.
                }
            }
        }
        return diagnoses
    }
}
