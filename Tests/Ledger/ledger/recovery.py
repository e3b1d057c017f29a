"""How soon after each fault the processes were back at work."""

from __future__ import annotations

import bisect
from dataclasses import asdict, dataclass
from typing import Any

from nemesis import Incident
from processes import Life
from records import Records, Work

#: A process that is not back so many seconds after the last fault is a violation, as is one that took longer before.
LIMIT = 5.0
#: A confirm may be on its last metres when the fault comes, and does not count as a comeback.
SETTLING = 0.05
#: What is aimed at: 95 % of the comebacks, and all of them, within so many seconds.
GOAL_P95, GOAL_MAX = 1.0, 2.5


@dataclass(frozen=True)
class Comeback:
    """How long one process took, from the moment at which it could work again."""

    fault: str
    process: str
    kind: str
    restored: float
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def comebacks(records: Records, lives: list[Life], incidents: list[Incident], end: float) -> list[Comeback]:
    """One for each fault and process, where no other fault came in between: then that one's comeback counts.

    A process that was started by the fault is measured from its start.
    """
    found: list[Comeback] = []
    work = {life.name: sorted(records.work[life.name]) for life in lives}
    for incident in incidents:
        for life in lives:
            restored = max(incident.restored, life.started)
            if incident.victims is not None and life.name not in incident.victims:
                continue
            was_there = records.ready.get(life.name, end) <= restored or incident.victims is not None
            if not was_there or restored > incident.restored + 0.5 or (life.ended or end) < restored:
                continue
            back = _first_after(work[life.name], max(restored, incident.begin + SETTLING))
            until = back if back is not None else min(life.ended or end, end)
            if any(other is not incident and other.begin < until and other.restored > restored
                   and _touches(other, life) for other in incidents):
                continue
            if back is None and life.was_ended and (life.ended or end) - restored < LIMIT:
                continue  # It was ended before it had a chance.
            found.append(Comeback(incident.kind, life.name, life.kind, restored, until - restored))
    return found


def _touches(other: Incident, life: Life) -> bool:
    return other.victims is None or life.name in other.victims


def _first_after(work: list[Work], moment: float) -> float | None:
    """When the first thing was done that was begun after a moment. Several go on at a time: the first begun need not be
    the first done."""
    index = bisect.bisect_left(work, (moment, 0.0))
    return min((each.until for each in work[index:index + 100]), default=None)


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile; 0 without values."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, int(len(ordered) * share + 0.999999) - 1))]


@dataclass(frozen=True)
class Gap:
    """A time in which nobody's message was accepted."""

    begin: float
    seconds: float
    faults: list[str]


def gaps(records: Records, incidents: list[Incident], shortest: float = 2.0) -> list[Gap]:
    accepted = sorted(message.accepted for message in records.messages.values() if message.accepted is not None)
    return [
        Gap(first, second - first, [incident.kind for incident in incidents
                                    if incident.begin < second and incident.restored > first - 1])
        for first, second in zip(accepted, accepted[1:]) if second - first >= shortest
    ]
