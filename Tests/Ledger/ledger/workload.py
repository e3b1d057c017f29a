"""Who takes part in a run, as the seed decides, and the names of what they use."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from plan import HEARTBEAT

NAMESPACE = "ledger."
#: The retry delays of the processors, in milliseconds, and how often a message is tried.
RETRY_DELAYS = [200, 1000]
ATTEMPTS = 4
#: How long calls may take, in milliseconds.
PUBLISH_TIMEOUT = 8000
QUERY_TIMEOUT = 4000
#: Queues that outlive their processors; events go to the last two.
WORK, TIGHT, EVENT_QUEUES = "work", "tight", ["billing", "audit"]
DURABLE = [WORK, TIGHT, *EVENT_QUEUES]


def on_broker(queue: str) -> str:
    return NAMESPACE + queue


def dead(queue: str) -> str:
    return f"{NAMESPACE}{queue}.dead"


def retries(queue: str) -> list[str]:
    return [f"{NAMESPACE}{queue}.retry.{delay}" for delay in RETRY_DELAYS]


@dataclass(frozen=True)
class Role:
    """A part that a process plays."""

    name: str
    kind: str
    """`producer` or `consumer`."""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> str:
        return "produce" if self.kind == "producer" else "consume"


@dataclass(frozen=True)
class Workload:
    """The size of a run."""

    seed: int
    producers: int = 3
    consumers: int = 2
    rate: int = 150
    """Calls a second of each producer, at most."""
    outstanding: int | None = None
    """Calls under way of each producer; without, the seed chooses 1 to 256."""
    concurrency: int = 16
    pause: int = 10
    """How long most handlers take, in milliseconds, at most."""

    def roles(self) -> list[Role]:
        generator = random.Random(f"workload {self.seed}")
        outstanding = [self.outstanding] * self.producers if self.outstanding else \
            generator.sample([1, 4, 16, 64, 256], k=min(5, self.producers))
        roles = [Role(f"consumer{number}", "consumer", {"MQ_CONCURRENCY": str(self.concurrency)})
                 for number in range(1, self.consumers + 1)]
        for number, calls in enumerate(outstanding, 1):
            # Every other one insists: what it does not know the fate of it sends again, with the same id.
            roles.append(Role(f"producer{number}", "producer", {
                "LEDGER_OUTSTANDING": str(calls), "LEDGER_RATE": str(self.rate),
                "LEDGER_INSISTS": "true" if number % 2 else "false"}))
        return roles

    def environment(self, run: str, ports: list[int]) -> dict[str, str]:
        """What all processes are told. They know the proxies, not the brokers."""
        return {
            "LEDGER_PAUSE": str(self.pause),
            "LEDGER_RUN": run, "LEDGER_SEED": str(self.seed),
            "LEDGER_PUBLISH_TIMEOUT": str(PUBLISH_TIMEOUT), "LEDGER_QUERY_TIMEOUT": str(QUERY_TIMEOUT),
            "MQ_ADAPTER": "rabbitmq", "MQ_HOST": ",".join(f"127.0.0.1:{port}" for port in ports),
            "MQ_NAMESPACE": NAMESPACE, "MQ_RABBITMQ_HEARTBEAT": str(HEARTBEAT),
            "MQ_RETRY_DELAYS": ",".join(f"{delay}ms" for delay in RETRY_DELAYS),
            "MQ_RETRY_MAX_ATTEMPTS": str(ATTEMPTS),
            # A process that is started while the broker is down waits for it.
            "MQ_RABBITMQ_START_TIMEOUT": "120",
            # Shorter than a call may take: a stop does not wait for all of them.
            "MQ_SHUTDOWN_TIMEOUT": "5",
        }
