import ArgumentParser
import Foundation
import MimiMessaging

/// What went wrong, as it is told on standard error: without the user and the password of a URL that stands where it does
/// not belong.
struct ErrorReport: Encodable {
    let code: String
    let message: String
    let target: String?
    let hint: String?
    let exitStatus: Int32

    private enum CodingKeys: String, CodingKey {
        case code, message, target, hint
        case exitStatus = "exit_status"
    }

    init(_ error: any Error) {
        let status = ExitStatus(error)
        exitStatus = status.rawValue
        guard let error = error as? MessagingError else {
            code = "\(status)"
            message = error is Interruption ? "interrupted" : Redaction.urls(in: "\(error)")
            target = nil
            hint = nil
            return
        }
        code = error.remoteCode.map { "remote(\($0))" } ?? error.code.description
        message = Redaction.urls(in: error.message)
        target = error.target.map(Redaction.urls)
        hint = Self.hint(error)
    }

    /// Arguments that cannot be used.
    init(usage error: any Error) {
        code = "\(ExitStatus.usage)"
        message = Redaction.urls(in: Mimi.message(for: error))
        target = nil
        hint = "`mimi help` and `mimi help SUBCOMMAND` tell what there is."
        exitStatus = ExitStatus.usage.rawValue
    }

    /// What to do next.
    static func hint(_ error: MessagingError) -> String? {
        switch error.code {
        case .unroutable:
            "No service has ever processed this queue here. Check the name, --namespace and the virtual host."
        case .timeout:
            "`mimi doctor QUEUE` tells whether the broker is well and somebody processes the queue; --timeout gives more time."
        case .connection: "Is the broker there? `mimi doctor` looks; --url, --context or MQ_URL say where it is."
        case .authentication: "Check user and password: --url amqp://user:password@host, or the context."
        case .accessRefused:
            "The virtual host must be there (rabbitmqctl add_vhost) and the user needs permissions in it (rabbitmqctl "
                + "set_permissions)."
        case .rejected: "The queue may be full, or the broker short of memory: `mimi top` and `mimi doctor` tell."
        case .remote: "The log of the service that processes the queue has the error in full."
        case .topology: "What is on the broker differs from what is needed: `mimi topology check` explains."
        case .serialization:
            "A body is a JSON object, for example '{\"id\": 1}'; @file reads one, - takes standard input."
        case .invalidTarget: "Commands and queries go to queue/method, events to topic#type."
        default: nil
        }
    }

    /// The report for people.
    var text: String {
        let place = target.map { " [\($0)]" } ?? ""
        return "error: \(code)\(place): \(message)" + (hint.map { "\n\($0)" } ?? "")
    }
}

extension Mimi {
    /// Ends the process as the error wants it: help and usage as the argument parser says, everything else with a report.
    static func exitWithReport(of error: any Error) -> Never {
        let isOurs = error is MessagingError || error is ToolError || error is Interruption
        let isForMachines = CommandLine.arguments.contains("--json")
        let isUsage = !isOurs && exitCode(for: error) == .validationFailure
        // Help, completions, or an exit code that was said before.
        guard isOurs || isUsage else { exit(withError: error) }
        guard isOurs || isForMachines else {
            Console.note(Redaction.urls(in: fullMessage(for: error)))
            Foundation.exit(ExitStatus.usage.rawValue)
        }
        let report = isUsage ? ErrorReport(usage: error) : ErrorReport(error)
        if isForMachines {
            Console.note((try? JSONOutput.line(report)) ?? report.text)
        } else if !(error is Interruption) {
            Console.note(report.text)
        }
        Foundation.exit(report.exitStatus)
    }
}
