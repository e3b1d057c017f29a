"""What a run has shown, for people and as JSON."""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from typing import Any

import recovery
from evidence import Evidence, Verdict
from plan import Fault
from workload import Workload

#: So many findings of a kind are listed.
MOST_LISTED = 20


def summary(verdict: Verdict, evidence: Evidence) -> str:
    """The last line of a report."""
    seconds = [comeback.seconds for comeback in verdict.comebacks]
    back = "/".join(f"{value:.2f}" for value in (
        recovery.percentile(seconds, 0.5), recovery.percentile(seconds, 0.95), max(seconds, default=0.0)))
    share = 100 * verdict.duplicates / max(1, verdict.accepted)
    return (f"accepted {verdict.accepted}, lost {len(verdict.lost)}, stalled {len(verdict.stalled)}, "
            f"unexpected {len(verdict.unexpected)}, hung {len(verdict.hung)}, "
            f"duplicates {verdict.duplicates} ({share:.2f} %), faults {len(evidence.incidents)}, "
            f"back after p50/p95/max {back} s")


def text(verdict: Verdict, evidence: Evidence, workload: Workload) -> str:
    """The whole report."""
    lines = [f"Seed {workload.seed}; {verdict.attempted} calls, {verdict.accepted} accepted, "
             f"{verdict.recovered} of unknown fate were processed, {verdict.sent_again} came again since their "
             "producer had sent them again.",
             f"The machine's load was {evidence.machine.load:.0f} on {os.cpu_count()} processors; at worst it let "
             f"a process wait for {evidence.machine.longest_lag:.2f} s."]
    lines += ["", "Faults, and when all was mended:"]
    for incident in sorted(evidence.incidents, key=lambda incident: incident.begin):
        details = " ".join(f"{name}={value}" for name, value in incident.details.items())
        lines.append(f"  {clock(incident.begin, evidence)}  {incident.restored - incident.begin:6.2f} s  "
                     f"{incident.kind} {details}".rstrip())
    lines += ["", "Nothing was accepted for two seconds and more:"]
    for gap in recovery.gaps(evidence.records, evidence.incidents):
        lines.append(f"  {clock(gap.begin, evidence)}  {gap.seconds:6.2f} s  {', '.join(gap.faults)}")
    lines += ["", "Back at work, for each process, after it could be (seconds):"]
    for kind, what in (("producer", "publishing"), ("consumer", "processing")):
        lines.append(f"  {what}: {distribution([each for each in verdict.comebacks if each.kind == kind])}")
    slowest = sorted(verdict.comebacks, key=lambda comeback: -comeback.seconds)[:5]
    lines += [f"    {comeback.seconds:6.2f}  {comeback.process} after {comeback.fault}" for comeback in slowest]
    for name in ("lost", "stalled", "unexpected", "hung"):
        found: list[str] = getattr(verdict, name)
        if found:
            lines += ["", f"{name}: {len(found)}"]
            lines += [f"  {each}" for each in found[:MOST_LISTED]]
            if len(found) > MOST_LISTED:
                lines.append(f"  and {len(found) - MOST_LISTED} more")
    if verdict.lost_where:
        lines += ["", "Lost, by producer and place in its sequence:"]
        lines += [f"  {where}: {count}" for where, count in sorted(verdict.lost_where.items())]
    return "\n".join([*lines, "", summary(verdict, evidence)])


def distribution(comebacks: list[recovery.Comeback]) -> str:
    seconds = [comeback.seconds for comeback in comebacks]
    return (f"{len(seconds)} times, p50 {recovery.percentile(seconds, 0.5):.2f}, "
            f"p95 {recovery.percentile(seconds, 0.95):.2f} (goal {recovery.GOAL_P95}), "
            f"max {max(seconds, default=0.0):.2f} (goal {recovery.GOAL_MAX})")


def clock(moment: float, evidence: Evidence) -> str:
    """The time of day, and the seconds since the run began."""
    return f"{time.strftime('%H:%M:%S', time.localtime(moment))} {moment - evidence.began:7.1f}"


def as_json(verdict: Verdict, evidence: Evidence, workload: Workload, plan: list[Fault]) -> dict[str, Any]:
    return {
        "summary": summary(verdict, evidence),
        "is_good": verdict.is_good,
        "workload": asdict(workload),
        "plan": [fault.as_json() for fault in plan],
        "incidents": [incident.as_json() for incident in evidence.incidents],
        "attempted": verdict.attempted,
        "accepted": verdict.accepted,
        "recovered": verdict.recovered,
        "duplicates": verdict.duplicates,
        "sent_again": verdict.sent_again,
        "lost": verdict.lost,
        "lost_where": dict(verdict.lost_where),
        "stalled": verdict.stalled,
        "unexpected": verdict.unexpected,
        "hung": verdict.hung,
        "comebacks": [comeback.as_json() for comeback in verdict.comebacks],
        "gaps": [asdict(gap) for gap in recovery.gaps(evidence.records, evidence.incidents)],
        "load": evidence.machine.load,
        "longest_lag": evidence.machine.longest_lag,
        "processors": os.cpu_count(),
        "began": evidence.began,
        "healed": evidence.healed,
        "stopped": evidence.stopped,
    }
