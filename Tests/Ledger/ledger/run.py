"""One run, from the first process to the last message in a queue."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import recovery
from broker import Broker
from console import say
from evidence import Evidence
from machine import Machine
from nemesis import Nemesis
from plan import Fault
from processes import Life, Processes
from proxy import Proxy
from records import Records, entries
from workload import DURABLE, Workload, dead, on_broker, retries

#: Below the ephemeral ports, and apart from those of Scripts/broker.
PROXY_PORTS = range(12_000, 19_000)
#: How long the processes work on undisturbed after the last fault, in seconds: they have to be back within the first
#: part, and to be heard of in the second.
CALM = recovery.LIMIT + 7
#: How long the queues may take to become empty, in seconds.
QUIET = 60


@dataclass
class Run:
    workload: Workload
    plan: list[Fault]
    program: list[str]
    folder: Path
    nodes: int

    async def carry_out(self, minutes: float) -> Evidence:
        brokers = [Broker.of_environment()]
        for number in range(2, self.nodes + 1):
            brokers.append(brokers[0].joined(f"{brokers[0].name}-{number}"))
        proxies = [Proxy(broker.port, self.workload.seed) for broker in brokers]
        for proxy in proxies:
            await proxy.start(PROXY_PORTS)
        run = f"s{self.workload.seed}x{random.randrange(16 ** 6):06x}"
        environment = self.workload.environment(run, [proxy.port for proxy in proxies])
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MQ_")}
        processes = Processes(self.program, self.folder, inherited | environment)
        machine = Machine()
        watching = [asyncio.create_task(processes.sample_for_ever()), asyncio.create_task(machine.watch())]
        # However this ends, the processes end, too.
        this = asyncio.current_task()
        if this:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
        try:
            return await self._with(brokers, proxies, processes, machine, minutes)
        finally:
            for task in watching:
                task.cancel()
            await processes.kill_all()
            for proxy in proxies:
                await proxy.stop()

    async def _with(
        self, brokers: list[Broker], proxies: list[Proxy], processes: Processes, machine: Machine, minutes: float
    ) -> Evidence:
        # Consumers first: they declare the queues.
        for kind in ("consumer", "producer"):
            for role in self.workload.roles():
                if role.kind == kind:
                    await self._ready(await processes.start(role))
        began = time.time()
        say("all processes work")
        nemesis = Nemesis(brokers, proxies, processes)
        await nemesis.carry_out(self.plan)
        await asyncio.sleep(max(0.0, began + minutes * 60 - time.time()))
        healed = time.time()
        say("no more faults")
        await asyncio.sleep(CALM)

        stopped = time.time()
        await asyncio.gather(*(processes.end(life, signal.SIGTERM) for life in processes.alive("producer")))
        say("the producers have stopped")
        is_quiet = await self._quiet(brokers[0], processes)
        say("the queues are empty" if is_quiet else f"the queues are not empty after {QUIET} s")
        await asyncio.gather(*(processes.end(life, signal.SIGTERM) for life in processes.alive("consumer")))

        records = Records()
        for life in processes.lives:
            records.read(life.name, life.journal)
        roles = self.workload.roles()
        return Evidence(
            records=records, lives=processes.lives, incidents=nemesis.incidents,
            remains=await asyncio.to_thread(self._drain, brokers[0]), began=began, healed=healed, stopped=stopped,
            machine=machine,
            outstanding=sum(int(role.environment.get("LEDGER_OUTSTANDING", 0)) for role in roles),
            prefetch=sum(2 * len(DURABLE) * self.workload.concurrency for role in roles if role.kind == "consumer"))

    @staticmethod
    async def _ready(life: Life) -> None:
        while not any(entry["event"] == "ready" for entry in entries(life.journal)):
            if not life.is_alive:
                raise SystemExit(f"{life.name} did not start, see {life.journal.with_suffix('.log')}")
            await asyncio.sleep(0.05)

    @staticmethod
    async def _quiet(broker: Broker, processes: Processes) -> bool:
        """Waits until nothing waits in a queue and no handler has written anything for two seconds."""
        queues = [name for queue in DURABLE for name in [on_broker(queue), *retries(queue)]]
        deadline = time.monotonic() + QUIET
        size, since = -1, time.monotonic()
        while time.monotonic() < deadline:
            lengths = await asyncio.to_thread(broker.lengths, queues)
            written = sum(life.journal.stat().st_size for life in processes.alive("consumer"))
            if written != size or any(count for count, _ in lengths.values()):
                size, since = written, time.monotonic()
            if time.monotonic() - since > 2:
                return True
            await asyncio.sleep(0.5)
        return False

    @staticmethod
    def _drain(broker: Broker) -> dict[str, list[tuple[object, bytes]]]:
        """What is left, past the proxy and by a client of its own."""
        return {
            name: broker.drain(name)
            for queue in DURABLE for name in [on_broker(queue), *retries(queue), dead(queue)]
        }

