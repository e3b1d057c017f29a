"""What will go wrong in a run, and when: decided by the seed before anything starts."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from typing import Any

#: The interval of heartbeats that the processes under test use, in seconds.
HEARTBEAT = 4

#: Every kind of fault, by what it is done to.
NETWORK = ["reset-all", "reset-one", "flap", "black-hole", "long-black-hole", "down", "half-close", "slices", "trickle",
           "cut", "latency"]
BROKER = ["kill", "freeze", "app-restart", "close-connections", "alarm", "delete-queue", "listeners"]
PROCESS = ["consumer-kill", "consumer-term", "consumer-freeze", "producer-term"]
#: The broker is killed, comes back, is worked with, and is killed again.
KILL_TWICE = "kill-twice"
#: The broker is killed, comes back, and is killed again within a second of the first reconnection.
KILL_AT_RECONNECT = "kill-at-reconnect"
KINDS = NETWORK + BROKER + PROCESS + [KILL_TWICE, KILL_AT_RECONNECT]


@dataclass(frozen=True)
class Fault:
    """One planned fault."""

    at: float
    """Seconds after the start of the run; it may come later if the broker is still busy with the one before."""
    kind: str
    details: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        details = " ".join(f"{name}={value}" for name, value in self.details.items())
        return f"{self.at:6.1f} s  {self.kind} {details}".rstrip()


def make_plan(seed: int, minutes: float, kinds: list[str] | None = None) -> list[Fault]:
    """The faults of a run: 4 to 10 seconds apart, each kind about equally often, and in every full run two consecutive
    kills of the broker and a kill within a second of a reconnection.

    With `kinds`, only those; an empty list means a run without any fault.
    """
    generator = random.Random(f"plan {seed}")
    deck: list[str] = []
    chosen = KINDS if kinds is None else kinds
    plan: list[Fault] = []
    at = 8.0
    while chosen and at < minutes * 60:
        if not deck:
            deck = _deck(generator, chosen, is_first=not plan)
        kind = deck.pop()
        plan.append(Fault(round(at, 1), kind, _details(generator, kind)))
        at += generator.uniform(4, 10)
    return plan


def _deck(generator: random.Random, kinds: list[str], is_first: bool) -> list[str]:
    """Every kind once, in a random order; those that a run must not be without early in the first deck."""
    deck = list(kinds)
    generator.shuffle(deck)
    if is_first:
        for must in (KILL_TWICE, KILL_AT_RECONNECT):
            if must in deck:
                deck.remove(must)
                deck.insert(len(deck) - generator.randrange(min(8, len(deck) + 1)), must)
    return deck


def _details(generator: random.Random, kind: str) -> dict[str, Any]:
    direction = generator.choice(["both", "up", "down"])
    victim = generator.randrange(1000)
    match kind:
        case "black-hole":
            return {"direction": direction, "seconds": 2}
        case "long-black-hole":
            return {"direction": direction, "seconds": 3 * HEARTBEAT}
        case "flap":
            return {"gaps": [round(generator.uniform(0.2, longest), 2) for longest in (2.0, 0.6, 0.6, 2.0, 0.6, 2.0)]}
        case "down" | "listeners":
            return {"seconds": 3}
        case "half-close":
            return {"direction": generator.choice(["up", "down"])}
        case "slices" | "trickle" | "latency":
            return {"seconds": 5}
        case "cut":
            return {"bytes": generator.choice([generator.randrange(1, 200), generator.randrange(1, 20_000)])}
        case "reset-one" | "consumer-kill" | "consumer-term" | "producer-term":
            return {"victim": victim}
        case "consumer-freeze":
            return {"victim": victim, "seconds": generator.choice([3, 3 * HEARTBEAT])}
        case "freeze":
            return {"node": victim, "seconds": 15}
        case "app-restart":
            return {"node": victim, "seconds": 1}
        case "alarm":
            return {"node": victim, "seconds": 10}
        case "kill":
            return {"node": victim}
        case "kill-twice":
            return {"node": victim, "pause": round(generator.uniform(3, 5), 1)}
        case "kill-at-reconnect":
            return {"node": victim, "pause": round(generator.uniform(0, 0.5), 2)}
        case "delete-queue":
            return {"queue": generator.choice(["billing", "audit"])}
        case "close-connections":
            return {"node": victim}
        case "reset-all":
            return {}
    raise ValueError(f"no such fault: {kind}")
