"""Holds the journals against each other, and against what was left in the queues."""

from __future__ import annotations

import json
import signal
from collections import defaultdict
from typing import Any

import recovery
from evidence import Evidence, Verdict
from nemesis import Incident
from processes import Life
from records import Message, Round, fingerprint
from workload import ATTEMPTS, DURABLE, EVENT_QUEUES, TIGHT, WORK, dead, on_broker, retries

#: How much longer than its limit a call may take, in milliseconds, on a machine that lets processes run at once.
GRACE = 500
#: What a process may hold at the end beyond what it held at most before its first fault.
MORE_DESCRIPTORS, MORE_THREADS, MORE_MEMORY = 2, 4, 64 * 1024
DEAD_LETTERS = {"poison", "undecodable"}


class Checker:
    def __init__(self, evidence: Evidence):
        self.evidence = evidence
        self.records = evidence.records
        self.verdict = Verdict()
        self.left: dict[tuple[str, str], int] = defaultdict(int)
        self.dead: dict[str, list[tuple[Any, bytes]]] = defaultdict(list)

    def check(self) -> Verdict:
        self._read_remains()
        for message in self.records.messages.values():
            self._check_calls(message)
            self._check_fate(message)
        self._check_handlers()
        self._check_dead_letters()
        self._check_duplicates()
        self._check_processes()
        self._check_listeners()
        self._check_recovery()
        return self.verdict

    def _unexpected(self, text: str) -> None:
        self.verdict.unexpected.append(text)

    def _read_remains(self) -> None:
        for queue in DURABLE:
            for name in [on_broker(queue), *retries(queue)]:
                for properties, _ in self.evidence.remains.get(name, []):
                    self.left[queue, properties.message_id] += 1
            for properties, body in self.evidence.remains.get(dead(queue), []):
                self.dead[properties.message_id].append((properties, body))

    # --- Producers --------------------------------------------------------------------------------------------------

    def _check_calls(self, message: Message) -> None:
        """Each call ends, in time, in a way that the test explains."""
        for number, call in enumerate(message.rounds, 1):
            self.verdict.attempted += 1
            what = f"{message.id} ({message.kind}, round {number})"
            if call.event is None:
                self.verdict.hung.append(f"{what} never returned")
            elif call.elapsed > call.limit + GRACE + self._lag(call):
                self.verdict.hung.append(f"{what} took {call.elapsed:.0f} of {call.limit:.0f} ms: {call.error}")
            if call.event == "wrong":
                self._unexpected(f"{what} failed with {call.error}")
            if message.kind == "query" and call.event == "ok" and call.answer != message.hash:
                self._unexpected(f"{what} got an answer that is not its own")

    def _lag(self, call: Round) -> float:
        """How long the machine let everybody wait around the end of a call, in milliseconds."""
        deadline = call.at + call.limit / 1000
        return 1000 * self.evidence.machine.lag(deadline - 1, call.ended or deadline)

    # --- What became of each message --------------------------------------------------------------------------------

    def _check_fate(self, message: Message) -> None:
        traces = [queue for queue in self._queues(message)
                  if (queue, message.id) in self.records.starts or self.left.get((queue, message.id))]
        if message.is_refused:
            if traces or message.id in self.dead:
                errors = ", ".join({str(call.error) for call in message.rounds})
                self._unexpected(f"{message.id} ({message.kind}) was refused ({errors}) and is there")
            return
        if message.accepted is None:
            if any((queue, message.id) in self.records.dones for queue in self._queues(message)):
                self.verdict.recovered += 1
            return
        self.verdict.accepted += 1
        for queue in self._queues(message):
            if message.kind == "query" or self._is_settled(message, queue) or self._is_excused(message, queue):
                continue
            what = f"{message.id} ({message.kind}) in {queue}"
            if self.left.get((queue, message.id)):
                self.verdict.stalled.append(what)
            else:
                self.verdict.lost.append(what)
                self.verdict.lost_where[f"{message.producer} {self._place(message)}"] += 1

    @staticmethod
    def _queues(message: Message) -> list[str]:
        match message.kind:
            case "event":
                return EVENT_QUEUES
            case "tight":
                return [TIGHT]
            case _:
                return [WORK]

    def _is_settled(self, message: Message, queue: str) -> bool:
        if message.kind in DEAD_LETTERS:
            return message.id in self.dead
        return (queue, message.id) in self.records.dones

    def _is_excused(self, message: Message, queue: str) -> bool:
        """Whether it may have been in a queue that the nemesis deleted, or was sent while there was none."""
        for incident in self.evidence.incidents:
            if incident.kind != "delete-queue" or incident.details["queue"] != queue:
                continue
            if message.first_try < self._declared_again(incident):
                if all(done.at > incident.begin for done in self.records.dones.get((queue, message.id), [])):
                    return True
        return False

    def _declared_again(self, deletion: Incident) -> float:
        """When the queue has to be there again: soon, unless other faults hinder the processors."""
        moment = deletion.restored
        for other in sorted(self.evidence.incidents, key=lambda incident: incident.begin):
            if other is not deletion and other.begin < moment + recovery.LIMIT and other.restored > deletion.begin:
                moment = max(moment, other.restored)
        return moment + recovery.LIMIT

    def _place(self, message: Message) -> str:
        """Where in its producer's sequence a lost message is."""
        processed = [other.number for other in self.records.messages.values()
                     if other.producer == message.producer and other.kind == message.kind
                     and any((queue, other.id) in self.records.dones for queue in self._queues(other))]
        if not processed or message.number < min(processed):
            return "prefix"
        return "postfix" if message.number > max(processed) else "middle"

    # --- Consumers --------------------------------------------------------------------------------------------------

    def _check_handlers(self) -> None:
        """Handlers see only what was sent, as it was sent, under its own identity."""
        for (queue, id), starts in self.records.starts.items():
            message = self.records.messages.get(id)
            if message is None:
                self._unexpected(f"{id} came to {queue}, and was never sent")
                continue
            if message.kind in ("undecodable", "missing"):
                self._unexpected(f"{id} ({message.kind}) came to a handler of {queue}")
            for start in starts:
                if start.message_id != id:
                    self._unexpected(f"{id} came to {queue} under another message id, {start.message_id}")
                if start.attempt > ATTEMPTS:
                    self._unexpected(f"{id} came to {queue} for the attempt {start.attempt}")
            for done in self.records.dones.get((queue, id), []):
                if done.hash != message.hash:
                    self._unexpected(f"{id} came to {queue} with other content")
                if message.kind == "poison":
                    self._unexpected(f"{id} (poison) was processed")

    def _check_dead_letters(self) -> None:
        """Dead letters are what can never be processed, untouched, with all attempts used."""
        for id, letters in self.dead.items():
            message = self.records.messages.get(id)
            if message is None or message.kind not in DEAD_LETTERS:
                self._unexpected(f"{id} ({message.kind if message else 'never sent'}) is a dead letter")
                continue
            for properties, body in letters:
                attempts = (properties.headers or {}).get("__attempt")
                if message.kind == "poison" and attempts != ATTEMPTS:
                    self._unexpected(f"{id} (poison) is a dead letter after {attempts} attempts")
                if message.kind == "poison" and fingerprint(json.loads(body)["text"]) != message.hash:
                    self._unexpected(f"{id} (poison) is a dead letter with another body")

    def _check_duplicates(self) -> None:
        """How often a message was done, or dead, more than once; without a fault that must not happen."""
        first_fault = min((incident.begin for incident in self.evidence.incidents), default=float("inf"))
        for (queue, id), dones in self.records.dones.items():
            message = self.records.messages.get(id)
            if message is None or queue not in DURABLE or message.kind == "query" or len(dones) < 2:
                continue
            self._count_duplicates(message, len(dones) - 1)
            if len(message.rounds) == 1 and sorted(done.at for done in dones)[1] < first_fault:
                self._unexpected(f"{id} was done twice in {queue} without a fault")
        for id, letters in self.dead.items():
            if len(letters) > 1 and id in self.records.messages:
                self._count_duplicates(self.records.messages[id], len(letters) - 1)
        bound = len(self.evidence.incidents) * (self.evidence.outstanding + self.evidence.prefetch)
        if self.verdict.duplicates > bound:
            self._unexpected(f"{self.verdict.duplicates} duplicates, where {bound} could be explained")

    def _count_duplicates(self, message: Message, count: int) -> None:
        if len(message.rounds) > 1:
            self.verdict.sent_again += count
        else:
            self.verdict.duplicates += count

    def _check_listeners(self) -> None:
        """Long after the last fault each listener hears everything."""
        since, until = self.evidence.healed + recovery.LIMIT, self.evidence.stopped - 1
        listeners = [life for life in self.evidence.lives if life.kind == "consumer"
                     and self.records.ready.get(life.name, until) < self.evidence.healed
                     and (life.ended or until) >= until]
        for message in self.records.messages.values():
            accepted = message.accepted
            if message.kind != "event" or accepted is None or not (since < message.first_try and accepted < until):
                continue
            for life in listeners:
                if (f"listener {life.name}", message.id) not in self.records.starts:
                    self._unexpected(f"{message.id} (event) was not heard by the listener of {life.name}")

    # --- Processes --------------------------------------------------------------------------------------------------

    def _check_processes(self) -> None:
        for life in self.evidence.lives:
            if not life.was_ended:
                self._unexpected(f"{life.name} ended by itself, or not when it was told to (code {life.code})")
            elif life.code == -signal.SIGTERM and life.name not in self.records.ready:
                pass  # It had not got as far as to listen to signals.
            elif life.code not in (0, -signal.SIGKILL):
                self._unexpected(f"{life.name} ended with code {life.code}")
            self._check_resources(life)

    def _check_resources(self, life: Life) -> None:
        """At the end, with the load of the beginning, a process holds what it held then."""
        ready = self.records.ready.get(life.name)
        if ready is None:
            return
        first_fault = min((incident.begin for incident in self.evidence.incidents if incident.begin > ready),
                          default=self.evidence.stopped)
        early = [sample for sample in life.samples if ready + 2 < sample.at < max(first_fault, ready + 10)]
        late = [sample for sample in life.samples
                if self.evidence.healed + recovery.LIMIT < sample.at < self.evidence.stopped]
        if not early or not late:
            return
        for what, allowance in (("descriptors", MORE_DESCRIPTORS), ("threads", MORE_THREADS), ("memory", MORE_MEMORY)):
            before = max(getattr(sample, what) for sample in early)
            after = min(getattr(sample, what) for sample in late)
            if after > before + allowance:
                self._unexpected(f"{life.name} held {before} {what} at first and {after} at the end")

    def _check_recovery(self) -> None:
        evidence = self.evidence
        self.verdict.comebacks = recovery.comebacks(
            self.records, evidence.lives, evidence.incidents, evidence.stopped)
        healed = Incident("the end of all faults", {}, evidence.healed, evidence.healed)
        last = recovery.comebacks(self.records, evidence.lives, [healed], evidence.stopped)
        for comeback in {*self.verdict.comebacks, *last}:
            until = comeback.restored + comeback.seconds
            if comeback.seconds > recovery.LIMIT + evidence.machine.lag(comeback.restored, until):
                self._unexpected(
                    f"{comeback.process} was not back at work {comeback.seconds:.1f} s after {comeback.fault}")
