import ArgumentParser

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure throughput and latency.",
        discussion: """
            Each measurement uses a queue or a topic of its own, mimi.bench.…, and removes it at the end.

              mimi bench command --concurrency 64
              mimi bench query --rate 500 --duration 30 --svg query.svg
              mimi bench process --save before.json
              mimi bench process --compare before.json

            With --rate, time counts from when a message should have been sent: what had to wait for a slow one before \
            it counts as slow, too.
            """,
        subcommands: [BenchCommand.self, BenchQuery.self, BenchEvent.self, BenchProcess.self])
}
