import ArgumentParser
import MimiMessaging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Process the commands and queries of a queue: a stand-in for a service, or a bridge to any language.",
        discussion: """
            With --answer, queries get that answer; {{name}} in its texts stands for a value of the request's body, \
            {{.method}}, {{.id}} and {{.attempt}} for what is known of the message.

              mimi serve orders --answer '{"id": "{{id}}", "total": 12}'

            With a program, each message starts it: the body is on its standard input, the answer of a query is what it \
            writes, a JSON object. MIMI_KIND, MIMI_METHOD, MIMI_TARGET, MIMI_MESSAGE_ID and MIMI_ATTEMPT are in its \
            environment. When it ends with anything but 0, the message has failed: its last line on standard error is \
            the reason, and commands are tried again as `-o mq_retry_…` says.

              mimi serve orders -- python3 orders.py

            It declares the queue as a service would, and ends with Ctrl-C, after the messages at hand.
            """)

    @Argument(help: "The queue: orders.")
    var queue: String

    @Argument(help: ArgumentHelp("A program and its arguments, after --.", valueName: "program"))
    var program: [String] = []

    @Option(help: ArgumentHelp("The answer to every query: a JSON object, @file, or -.", valueName: "answer"))
    var answer: String?

    @Option(
        help: ArgumentHelp("Let every message fail with this code, to see what others make of it.", valueName: "code"))
    var fail: String?

    @Option(help: ArgumentHelp("End after so many messages.", valueName: "n"))
    var count: Int?

    @Option(help: ArgumentHelp("How many messages to process at a time.", valueName: "n"))
    var concurrency = 4

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [answer != nil, fail != nil, !program.isEmpty].count(where: { $0 }) == 1 else {
            throw ValidationError("say how to answer: with --answer, with a program after --, or with --fail")
        }
        guard (count ?? 1) >= 1 else { throw ValidationError("--count must be at least 1") }
        guard (1...1000).contains(concurrency) else { throw ValidationError("--concurrency must be 1 to 1000") }
    }

    func run() async throws {
        let source: Responder.Source =
            if let answer { .template(try AnswerTemplate(Body.message(answer))) } else if let fail {
                .failure(ProcessingError(code: fail, message: "mimi serve --fail"))
            } else { .program(ProgramResponder(command: program)) }
        let served = AsyncStream.makeStream(of: ServedMessage.self)
        do {
            try await connection.withBus { [queue, concurrency] bus in
                let responder = Responder(source: source) { served.continuation.yield($0) }
                try await bus.register(responder, queue: queue, options: ProcessorOptions(concurrency: concurrency))
            } _: { [queue, count, output] _ in
                if Console.drawsProgress { Console.note(Style.dim("serving \(queue); Ctrl-C ends it")) }
                var shown = 0
                for await message in served.stream {
                    try output.show(message) { Console.line(message.text) }
                    shown += 1
                    if shown == count { return }
                }
                try Task.checkCancellation()
            }
        } catch is Interruption where count == nil {
            // The way in which this ends.
        }
    }
}
