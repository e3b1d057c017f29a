import RabbitMQClient

/// An exchange: fanout, or headers.
struct Exchange {
    struct Binding {
        let queue: String
        let encoded: [UInt8]
        let arguments: AMQPFieldTable
    }

    let type: String
    private(set) var bindings: [Binding] = []

    init(type: String) { self.type = type }

    mutating func bind(_ binding: Binding) {
        guard !bindings.contains(where: { $0.queue == binding.queue && $0.encoded == binding.encoded }) else { return }
        bindings.append(binding)
    }

    mutating func unbind(queue: String) { bindings.removeAll { $0.queue == queue } }

    /// The queues that get a message.
    func route(_ message: AMQPMessage) -> [String] {
        var queues: [String] = []
        for binding in bindings where !queues.contains(binding.queue) {
            if type == "fanout" || matches(binding.arguments, message) { queues.append(binding.queue) }
        }
        return queues
    }

    private func matches(_ arguments: AMQPFieldTable, _ message: AMQPMessage) -> Bool {
        let headers = message.properties.headers ?? [:]
        let wanted = arguments.filter { $0.name != "x-match" }
        let found = wanted.filter { headers[$0.name] == $0.value }
        return arguments["x-match"] == "all-with-x" ? found.count == wanted.count : !found.isEmpty
    }
}
