import MimiMessagingRabbitMQ

/// What AMQP tells about a queue. Pure: facts go in, diagnoses come out.
enum QueueChecks {
    static func queue(
        _ name: String, _ status: QueueStatus?, dead: QueueStatus?, hasDeadLetterExchange: Bool
    ) -> [Diagnosis] {
        guard let status else {
            return [
                Diagnosis(
                    "queue \(name)", .problem, "there is none",
                    remedy: "Start its service, or: mimi topology apply DESCRIPTION")
            ]
        }
        var diagnoses: [Diagnosis] = []
        let text = "\(status.messages) waiting, \(Units.count(status.consumers, "consumer"))"
        if status.consumers == 0 {
            diagnoses.append(
                Diagnosis(
                    "queue \(name)", status.messages > 0 ? .problem : .warning, text, remedy: "Start its service."))
        } else {
            diagnoses.append(Diagnosis("queue \(name)", .ok, text))
        }
        if dead != nil, !hasDeadLetterExchange {
            diagnoses.append(
                Diagnosis(
                    "dead letters of \(name)", .problem,
                    "the exchange that leads there is gone: nothing arrives any more",
                    remedy: "Restart its service, or: mimi topology apply DESCRIPTION"))
        }
        switch dead {
        case nil:
            diagnoses.append(
                Diagnosis(
                    "dead letters of \(name)", .problem, "there is no queue for them: what is given up cannot be kept",
                    remedy: "Restart its service, or: mimi topology apply DESCRIPTION"))
        case let dead? where dead.messages > 0:
            diagnoses.append(
                Diagnosis("dead letters of \(name)", .warning, "\(dead.messages)", remedy: "mimi dead list \(name)"))
        default: diagnoses.append(Diagnosis("dead letters of \(name)", .ok, "none"))
        }
        return diagnoses
    }
}
