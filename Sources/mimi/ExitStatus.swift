import ArgumentParser
import MimiMessaging

/// How the tool ends, for scripts. The numbers do not change.
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    case failure = 1
    case unroutable = 2
    case remote = 3
    case timeout = 4
    case connection = 5
    case access = 6
    case rejected = 7
    case warnings = 10
    case problems = 11
    case usage = 64
    case data = 65
    case configuration = 78
    case interrupted = 130

    /// When the tool ends like this.
    var meaning: String {
        switch self {
        case .success: "all went well"
        case .failure: "something else failed"
        case .unroutable: "there is no such queue"
        case .remote: "the processor answered with an error"
        case .timeout: "the time was over; a command or event may have arrived all the same"
        case .connection: "the broker cannot be reached, or the connection broke"
        case .access: "the broker refuses the user, or what the user wants to do"
        case .rejected: "the broker refused the message, for example because the queue is full"
        case .warnings: "doctor, topology check: something should be looked at"
        case .problems: "doctor, topology check: something is wrong"
        case .usage: "wrong arguments"
        case .data: "a target, a body or a file that cannot be used"
        case .configuration: "a wrong option, or a context that cannot be used"
        case .interrupted: "ended by a signal"
        }
    }

    /// All of them, for the help.
    static var explanation: String {
        "Exit status:\n"
            + allCases.map { status in
                let number = String(status.rawValue)
                return "  " + String(repeating: " ", count: 3 - number.count) + number + "  " + status.meaning
            }.joined(separator: "\n")
    }

    /// What an error ends the tool with.
    init(_ error: any Error) {
        guard let error = error as? MessagingError else {
            self = error is Interruption ? .interrupted : error is ToolError ? .data : .failure
            return
        }
        self =
            switch error.code {
            case .unroutable: .unroutable
            case .remote: .remote
            case .timeout: .timeout
            case .connection: .connection
            case .authentication, .accessRefused: .access
            case .rejected: .rejected
            case .invalidTarget, .serialization, .invalidMessage, .messageTooLarge: .data
            case .configuration: .configuration
            default: .failure
            }
    }
}

/// Something that the user of the tool gave, and that cannot be used.
struct ToolError: Error, CustomStringConvertible {
    /// What is wrong, and what to do.
    let description: String

    init(_ description: String) { self.description = description }
}
