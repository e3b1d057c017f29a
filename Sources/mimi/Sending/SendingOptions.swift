import ArgumentParser
import MimiMessaging

/// What all commands that send have in common.
struct SendingOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The body: a JSON object, @file, or - for standard input. Default: {}.", valueName: "body"))
    var body: String?

    @Option(
        name: [.customShort("H"), .customLong("header")],
        help: ArgumentHelp("A header beside the body. Repeatable.", valueName: "name=value"))
    var headers: [String] = []

    @Option(help: ArgumentHelp("Give up after so many seconds.", valueName: "seconds"))
    var timeout: Double?

    @Option(help: ArgumentHelp("How often to send it.", valueName: "n"))
    var count = 1

    @Flag(help: "Send one message for each line of standard input.")
    var lines = false

    @Option(help: ArgumentHelp("How many to send in a second, at most.", valueName: "n"))
    var rate: Double?

    @Option(
        help: ArgumentHelp("How many may be on their way at a time; more than one mixes the order.", valueName: "n"))
    var concurrency = 1

    func validate() throws {
        guard count >= 1 else { throw ValidationError("--count must be at least 1") }
        guard (1...10_000).contains(concurrency) else { throw ValidationError("--concurrency must be 1 to 10000") }
        guard (rate ?? 1) > 0 else { throw ValidationError("--rate must be more than 0") }
        guard (timeout ?? 1) > 0 else { throw ValidationError("--timeout must be more than 0") }
        guard !lines || (body == nil && count == 1) else {
            throw ValidationError("--lines takes the bodies from standard input: leave the body and --count out")
        }
        for header in headers where !header.contains("=") { throw ValidationError("'\(header)' is not NAME=VALUE") }
    }

    /// Whether more than one message may be sent.
    var isBulk: Bool { lines || count > 1 }

    var timeLimit: Duration? { timeout.map { .seconds($0) } }

    var messageHeaders: MessageHeaders {
        var headers = MessageHeaders()
        for header in self.headers {
            let parts = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            headers[String(parts[0])] = String(parts[1])
        }
        return headers
    }
}
