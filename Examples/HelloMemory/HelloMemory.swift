import MimiMessaging

/// A command, a query and an event, in one process and without a broker.
@main
struct HelloMemory {
    static func main() async throws {
        let bus = try MessageBus(options: ["mq_adapter": "memory"])
        let greeter = Greeter()

        // What processes: the queue "greeter" knows a command and a query …
        try await bus.requests("greeter") { requests in
            requests.command("learn") { message, context in
                try await greeter.learn(name: message["name"])
                try await bus.event("names#learned", ["name": try message["name"]])
            }
            requests.query("greet") { message, context in
                ["greeting": .string(try await greeter.greeting(for: message["name"]))]
            }
        }

        // … and somebody listens to the topic "names".
        let (heard, hear) = AsyncStream<String>.makeStream()
        try await bus.events("names") { events in
            events.event("learned") { message, context in hear.yield(try message["name"]) }
        }
        try await bus.start()

        // A command returns when the bus has it. What it leads to happens later, and is told by an event.
        try await bus.command("greeter/learn", ["name": "Ada"])
        for await name in heard {
            print("event:   \(name) was learned")
            break
        }

        // A query returns with the answer …
        let answer = try await bus.query("greeter/greet", ["name": "Ada"])
        print("query:   \(try answer["greeting"] as String)")

        // … or throws what the processor said.
        do {
            _ = try await bus.query("greeter/greet", ["name": "Bob"])
        } catch let error as MessagingError {
            print("query:   \(error)")
        }

        // Nobody has such a queue: that is known at once, not after a time limit.
        do {
            try await bus.command("gardener/water")
        } catch let error as MessagingError where error.code == .unroutable {
            print("command: nobody processes \(error.target ?? "")")
        }

        await bus.stop()
    }
}

/// Greets whom it knows.
actor Greeter {
    private var names: Set<String> = []

    func learn(name: String) { names.insert(name) }

    func greeting(for name: String) throws(ProcessingError) -> String {
        guard names.contains(name) else {
            throw ProcessingError(code: "stranger", message: "I do not know \(name)")
        }
        return "Hello, \(name)!"
    }
}
