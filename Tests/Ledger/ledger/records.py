"""What the processes have written down, put together message by message."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable, NamedTuple

FINAL = {"ok", "definite", "unknown", "wrong"}


@dataclass
class Round:
    """One call for a message, and what became of it."""

    at: float
    limit: float
    event: str | None = None
    """One of `FINAL`; none if the call never returned."""
    ended: float | None = None
    elapsed: float = 0.0
    error: str | None = None
    answer: str | None = None


@dataclass
class Message:
    """A message as its producer knows it."""

    id: str
    producer: str
    number: int
    kind: str
    hash: str
    rounds: list[Round] = field(default_factory=list)

    @property
    def first_try(self) -> float:
        return self.rounds[0].at

    @property
    def accepted(self) -> float | None:
        """When it was taken, if it was."""
        return next((each.ended for each in self.rounds if each.event == "ok"), None)

    @property
    def is_refused(self) -> bool:
        """Nobody may ever see it."""
        return all(each.event == "definite" for each in self.rounds)


@dataclass(frozen=True)
class Start:
    at: float
    process: str
    message_id: str
    attempt: int
    is_redelivered: bool


@dataclass(frozen=True)
class Done:
    at: float
    process: str
    hash: str


class Work(NamedTuple):
    """Something that a process got done. What a producer had tried before a fault counts for its comeback, since it
    waits for the link; what a handler had begun before does not, since it needs no link."""

    since: float
    until: float


@dataclass
class Records:
    """All journals of a run. Handlers' entries are kept by queue and message."""

    messages: dict[str, Message] = field(default_factory=dict)
    starts: dict[tuple[str, str], list[Start]] = field(default_factory=lambda: defaultdict(list))
    dones: dict[tuple[str, str], list[Done]] = field(default_factory=lambda: defaultdict(list))
    ready: dict[str, float] = field(default_factory=dict)
    work: dict[str, list[Work]] = field(default_factory=lambda: defaultdict(list))
    """What each process got done: producers an acceptance, consumers a message."""

    def read(self, process: str, journal: Path) -> None:
        for entry in entries(journal):
            self._take(process, entry)

    def _take(self, process: str, entry: dict[str, Any]) -> None:
        event = entry["event"]
        if event == "try":
            message = self.messages.setdefault(entry["id"], Message(
                entry["id"], process, int(entry["id"].rsplit("-", 1)[1].lstrip("q")), entry["kind"], entry["hash"]))
            message.rounds.append(Round(entry["at"], entry["limit"]))
        elif event in FINAL:
            last = self.messages[entry["id"]].rounds[entry["round"] - 1]
            last.event, last.ended, last.elapsed = event, entry["at"], entry["elapsed"]
            last.error, last.answer = entry.get("error"), entry.get("hash")
            if event == "ok":
                self.work[process].append(Work(entry["at"], entry["at"]))
        elif event == "start":
            self.starts[entry["queue"], entry["id"]].append(Start(
                entry["at"], process, entry["messageID"], entry["attempt"], entry["isRedelivered"]))
        elif event == "done":
            self.dones[entry["queue"], entry["id"]].append(Done(entry["at"], process, entry["hash"]))
            started = next(start.at for start in reversed(self.starts[entry["queue"], entry["id"]])
                           if start.process == process)
            self.work[process].append(Work(started, entry["at"]))
        elif event == "ready":
            self.ready[process] = entry["at"]


def entries(journal: Path) -> Iterable[dict[str, Any]]:
    """The entries of a journal; the last line of a process that was killed may be torn."""
    if not journal.exists():
        return
    lines = journal.read_bytes().split(b"\n")
    for line in lines[:-1]:
        yield json.loads(line)


def fingerprint(text: str) -> str:
    """The number that journals have for a text: 64-bit FNV-1a, as hexadecimal digits."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:x}"
