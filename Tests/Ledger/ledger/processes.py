"""The processes under test: started, ended, frozen, watched."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from workload import Role


@dataclass
class Sample:
    """What a process holds at one moment."""

    at: float
    descriptors: int
    threads: int
    memory: int
    """Resident, in kilobytes."""


@dataclass
class Life:
    """One process, from its start to its end."""

    name: str
    role: Role
    journal: Path
    started: float
    process: asyncio.subprocess.Process
    ended: float | None = None
    code: int | None = None
    was_ended: bool = False
    """Whether the nemesis or the end of the run ended it: else it ended by itself, which it must not."""
    samples: list[Sample] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.role.kind

    @property
    def is_alive(self) -> bool:
        return self.ended is None

    def signal(self, number: signal.Signals) -> None:
        if self.is_alive:
            self.process.send_signal(number)

    def sample(self) -> None:
        """Notes what the process holds, where the system tells (Linux)."""
        proc = Path(f"/proc/{self.process.pid}")
        try:
            status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines() if ":" in line)
            self.samples.append(Sample(time.time(), len(os.listdir(proc / "fd")), int(status["Threads"]),
                                       int(status["VmRSS"].split()[0])))
        except (OSError, KeyError):
            pass


class Processes:
    """All processes of a run. A role is played by one process at a time; a new one gets a name of its own."""

    def __init__(self, program: list[str], folder: Path, environment: dict[str, str]):
        self.program = program
        self.folder = folder
        self.environment = environment
        self.lives: list[Life] = []
        self._watchers: list[asyncio.Task[None]] = []

    def alive(self, kind: str) -> list[Life]:
        return [life for life in self.lives if life.is_alive and life.kind == kind]

    async def start(self, role: Role) -> Life:
        number = sum(life.role.name == role.name for life in self.lives) + 1
        name = f"{role.name}-{number}"
        journal = self.folder / f"{name}.jsonl"
        environment = self.environment | role.environment | {"LEDGER_NAME": name, "LEDGER_JOURNAL": str(journal)}
        with open(self.folder / f"{name}.log", "wb") as log:
            process = await asyncio.create_subprocess_exec(
                *self.program, role.command, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log)
        life = Life(name, role, journal, time.time(), process)
        self.lives.append(life)
        self._watchers.append(asyncio.create_task(self._watch(life)))
        return life

    async def end(self, life: Life, number: signal.Signals, patience: float = 30) -> None:
        """Ends a process and waits for its end; one that does not hear is killed, and counts as ended by itself."""
        life.was_ended = True
        life.signal(number)
        try:
            await asyncio.wait_for(life.process.wait(), patience)
        except asyncio.TimeoutError:
            life.was_ended = False
            life.signal(signal.SIGKILL)
            await life.process.wait()
        while life.is_alive:
            await asyncio.sleep(0.01)

    async def sample_for_ever(self) -> None:
        while True:
            for life in self.lives:
                if life.is_alive:
                    life.sample()
            await asyncio.sleep(1)

    async def kill_all(self) -> None:
        """Whatever happens, nothing outlives the run."""
        for life in self.lives:
            life.signal(signal.SIGKILL)
        await asyncio.gather(*self._watchers)

    async def _watch(self, life: Life) -> None:
        life.code = await life.process.wait()
        life.ended = time.time()
