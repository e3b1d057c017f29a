"""What a run leaves behind, and what it is found to show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import recovery
from machine import Machine
from nemesis import Incident
from processes import Life
from records import Records


@dataclass
class Evidence:
    """All that is known after a run."""

    records: Records
    lives: list[Life]
    incidents: list[Incident]
    remains: dict[str, list[tuple[Any, bytes]]]
    """What the queues still held, by their names on the broker."""
    began: float
    healed: float
    """When the last fault was mended."""
    stopped: float
    """When the producers were told to end."""
    outstanding: int
    prefetch: int
    machine: Machine


@dataclass
class Verdict:
    """What was found. The lists hold sentences; a run without any is a good one."""

    accepted: int = 0
    attempted: int = 0
    recovered: int = 0
    """Messages of unknown fate that were processed."""
    lost: list[str] = field(default_factory=list)
    lost_where: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    stalled: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    duplicates: int = 0
    sent_again: int = 0
    """Messages that came more than once because their producer had sent them more than once."""
    comebacks: list[recovery.Comeback] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.stalled or self.unexpected or self.hung)
