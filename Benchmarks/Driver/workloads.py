"""What is run: each workload is a role with settings, the same for every program that can play the role."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    role: str
    count: int
    settings: dict = field(default_factory=dict)
    # Purged after each run, so that everybody begins with an empty queue.
    queue: str = "bench.classic"
    # The other side of a query, played by the same program.
    other: str = ""
    # For workloads that read: who writes before each run.
    is_filled: bool = False
    # Programs that play it; empty for all.
    only: tuple = ()

    def environment(self, factor):
        count = max(1, int(self.count * factor))
        values = {"BENCH_COUNT": count, "BENCH_WARMUP": max(1, count // 10), "BENCH_QUEUE": self.queue, **self.settings}
        return {name: str(value) for name, value in values.items()}


OURS = ("mimi", "mimi batch")

WORKLOADS = [
    Workload("W1", "commands to a classic queue, 500 outstanding", "publish", 50_000),
    Workload("W1q", "commands to a quorum queue, 500 outstanding", "publish", 50_000, queue="bench.quorum"),
    Workload("W2", "events to one bound queue, 500 outstanding", "publish", 50_000,
             {"BENCH_TOPIC": "bench.events"}, queue="bench.listener"),
    Workload("W3", "processing, prefetch 200", "process", 50_000, is_filled=True),
    Workload("W4a", "queries one at a time", "ask", 3_000, {"BENCH_OUTSTANDING": 1}, "bench.queries", other="answer"),
    Workload("W4b", "queries, 64 at a time", "ask", 20_000, {"BENCH_OUTSTANDING": 64}, "bench.queries", other="answer"),
    Workload("W5", "commands one at a time", "publish", 3_000, {"BENCH_OUTSTANDING": 1}),
    Workload("W6", "commands with 64 KiB bodies", "publish", 5_000, {"BENCH_BODY": 65536}),
    Workload("W7", "processing with a typed handler, metrics and traces", "service", 50_000, is_filled=True, only=OURS),
]

# What a stand-in for the broker can serve.
ALONE = ("W1", "W2", "W3", "W5", "W6", "W7")


def scale(is_quick):
    """Series in which one number grows: (series, number, workload). Only our own program plays them."""
    tasks = [1, 10, 100, 1_000, 10_000]
    queues = [1, 10, 100] if is_quick else [1, 10, 100, 1_000]
    queries = [10, 100, 1_000, 10_000]
    bodies = [0, 256, 4_096, 65_536, 1 << 20, 16 << 20]
    for number in tasks:
        count = 3_000 if number == 1 else 30_000
        yield "tasks", number, Workload("tasks", "", "publish", count, {"BENCH_OUTSTANDING": number}, only=OURS)
    for number in queues:
        yield "queues", number, Workload(
            "queues", "", "queues", 20_000, {"BENCH_OUTSTANDING": number}, queue="bench.many.1", only=OURS)
    for number in queries:
        yield "queries", number, Workload(
            "queries", "", "ask", 20_000, {"BENCH_OUTSTANDING": number}, "bench.queries", other="answer", only=OURS)
    for number in bodies:
        count = max(16, min(10_000, (256 << 20) // max(number, 1)))
        yield "bodies", number, Workload(
            "bodies", "", "publish", count, {"BENCH_BODY": number, "BENCH_OUTSTANDING": 16}, only=OURS)


def single(is_quick):
    """What is measured once: (name, workload)."""
    many = 200_000 if is_quick else 1_000_000
    nobody = {"BENCH_TOPIC": "bench.nobody"}
    yield "start", Workload("start", "", "start", 10, only=OURS)
    yield "idle", Workload("idle", "", "idle", 5 if is_quick else 30, only=OURS)
    yield "memory before", Workload("memory", "", "publish", 50_000, nobody, only=OURS)
    yield "memory after", Workload("memory", "", "publish", many, nobody, only=OURS)
