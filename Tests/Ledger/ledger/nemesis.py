"""Does to network, brokers and processes what the plan says, and keeps the minutes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from dataclasses import asdict, dataclass, field
from typing import Any, AsyncIterator

from broker import Broker
from console import say
from plan import Fault
from processes import Life, Processes
from proxy import Conditions, Proxy
from workload import DURABLE, on_broker

#: Faults may overlap, but not without measure: something has to be accepted in between.
MOST_AT_A_TIME = 3


@dataclass
class Incident:
    """A fault as it happened."""

    kind: str
    details: dict[str, Any]
    begin: float
    """In seconds since 1970."""
    restored: float = 0.0
    """From when on the processes could work again: the port was reachable, the network mended, the process started."""
    victims: list[str] | None = None
    """The processes that could not work meanwhile; without a list, all of them."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Nemesis:
    brokers: list[Broker]
    proxies: list[Proxy]
    processes: Processes
    incidents: list[Incident] = field(default_factory=list)
    #: One fault at a time of those that need, or stop, a broker: the others may overlap.
    broker_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    network_locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def carry_out(self, plan: list[Fault]) -> None:
        """Does everything that is planned, and returns when it is over and mended."""
        start = time.monotonic()
        slots = asyncio.Semaphore(MOST_AT_A_TIME)
        tasks: list[asyncio.Task[None]] = []
        for fault in plan:
            await asyncio.sleep(max(0.0, start + fault.at - time.monotonic()))
            await slots.acquire()
            task = asyncio.create_task(getattr(self, fault.kind.replace("-", "_"))(fault))
            task.add_done_callback(lambda _: slots.release())
            tasks.append(task)
        await asyncio.gather(*tasks)
        for proxy in self.proxies:
            proxy.heal()

    @contextlib.asynccontextmanager
    async def _incident(self, fault: Fault, victims: list[str] | None = None) -> AsyncIterator[Incident]:
        """Minutes of a fault: from here to the end of the block, unless the block says otherwise."""
        incident = Incident(fault.kind, dict(fault.details), time.time(), victims=victims)
        self.incidents.append(incident)
        say(fault.kind)
        yield incident
        incident.restored = incident.restored or time.time()

    # --- The network ------------------------------------------------------------------------------------------------

    async def reset_all(self, fault: Fault) -> None:
        async with self._incident(fault):
            for proxy in self.proxies:
                proxy.reset_all()

    async def reset_one(self, fault: Fault) -> None:
        async with self._incident(fault):
            self.proxies[fault.details["victim"] % len(self.proxies)].reset_one(fault.details["victim"])

    async def flap(self, fault: Fault) -> None:
        async with self._incident(fault):
            for gap in fault.details["gaps"]:
                for proxy in self.proxies:
                    proxy.reset_all()
                await asyncio.sleep(gap)

    async def black_hole(self, fault: Fault) -> None:
        directions = ["up", "down"] if fault.details["direction"] == "both" else [fault.details["direction"]]
        await self._condition(fault, {f"stalls_{direction}": True for direction in directions})

    long_black_hole = black_hole

    async def down(self, fault: Fault) -> None:
        async with self._network("refuses"), self._incident(fault):
            self._set({"refuses": True})
            for proxy in self.proxies:
                proxy.reset_all()
            await asyncio.sleep(fault.details["seconds"])
            self._set({"refuses": False})

    async def half_close(self, fault: Fault) -> None:
        async with self._incident(fault):
            for proxy in self.proxies:
                proxy.half_close(fault.details["direction"])

    async def slices(self, fault: Fault) -> None:
        await self._condition(fault, {"slices": True})

    async def trickle(self, fault: Fault) -> None:
        await self._condition(fault, {"bytes_per_second": 1000.0})

    async def latency(self, fault: Fault) -> None:
        await self._condition(fault, {"latency": (0.5, 0.4)})

    async def cut(self, fault: Fault) -> None:
        async with self._incident(fault):
            for proxy in self.proxies:
                proxy.cut_after(fault.details["bytes"])

    async def _condition(self, fault: Fault, values: dict[str, Any]) -> None:
        """Another state of the network, for a while."""
        async with contextlib.AsyncExitStack() as stack:
            for name in values:
                await stack.enter_async_context(self._network(name))
            async with self._incident(fault):
                self._set(values)
                await asyncio.sleep(fault.details["seconds"])
                self._set({name: getattr(Conditions(), name) for name in values})

    def _set(self, values: dict[str, Any]) -> None:
        for proxy in self.proxies:
            for name, value in values.items():
                setattr(proxy.conditions, name, value)

    def _network(self, name: str) -> asyncio.Lock:
        return self.network_locks.setdefault(name, asyncio.Lock())

    # --- The brokers ------------------------------------------------------------------------------------------------

    def _node(self, fault: Fault) -> int:
        return fault.details["node"] % len(self.brokers)

    async def kill(self, fault: Fault) -> None:
        async with self.broker_lock:
            broker = self.brokers[self._node(fault)]
            await self._see_to(broker, await self._kill(fault, broker))

    async def kill_twice(self, fault: Fault) -> None:
        async with self.broker_lock:
            await self._kill(fault, self.brokers[self._node(fault)])
            await asyncio.sleep(fault.details["pause"])
            broker = self.brokers[(self._node(fault) + 1) % len(self.brokers)]
            await self._see_to(broker, await self._kill(fault, broker))

    async def kill_at_reconnect(self, fault: Fault) -> None:
        async with self.broker_lock:
            broker, proxy = self.brokers[self._node(fault)], self.proxies[self._node(fault)]
            await self._kill(fault, broker, until_reconnection_to=proxy)
            await asyncio.sleep(fault.details["pause"])
            await self._see_to(broker, await self._kill(fault, broker))

    async def _kill(self, fault: Fault, broker: Broker, until_reconnection_to: Proxy | None = None) -> Incident:
        async with self._incident(fault) as incident:
            await broker.fault("kill")
            await broker.unreachable()
            if until_reconnection_to:
                until_reconnection_to.opened.clear()
            restarting = asyncio.create_task(broker.fault("restart"))
            incident.restored = await broker.reachable()
            if until_reconnection_to:
                await self._reconnection_to(until_reconnection_to)
            await restarting
        return incident

    async def _reconnection_to(self, proxy: Proxy) -> None:
        """Waits until somebody connects to this broker."""
        if len(self.proxies) > 1:
            # All have found another node: they have to choose again.
            for each in self.proxies:
                each.reset_all()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(proxy.opened.wait(), 10)

    async def _see_to(self, broker: Broker, incident: Incident) -> None:
        """A broker may come back without one of its queues (RabbitMQ 3.10 does when its application is stopped right
        after a crash). No client can work with it then; as an operator would, this starts it once more."""
        for _ in range(10):
            if await asyncio.to_thread(broker.serves, [on_broker(queue) for queue in DURABLE]):
                return
            await asyncio.sleep(0.5)
        incident.details["queue-did-not-come-back"] = True
        incident.restored = await broker.restart()

    async def freeze(self, fault: Fault) -> None:
        async with self.broker_lock, self._incident(fault) as incident:
            broker = self.brokers[self._node(fault)]
            await broker.fault("pause")
            await asyncio.sleep(fault.details["seconds"])
            await broker.fault("resume")
            incident.restored = time.time()

    async def app_restart(self, fault: Fault) -> None:
        async with self.broker_lock, self._incident(fault) as incident:
            broker = self.brokers[self._node(fault)]
            await broker.fault("app", "off")
            await broker.unreachable()
            await asyncio.sleep(fault.details["seconds"])
            starting = asyncio.create_task(broker.fault("app", "on"))
            incident.restored = await broker.reachable()
            await starting
            await self._see_to(broker, incident)

    async def close_connections(self, fault: Fault) -> None:
        async with self.broker_lock, self._incident(fault) as incident:
            try:
                await self.brokers[self._node(fault)].fault("close-connections")
            except RuntimeError:
                # A busy broker may close them and then give up waiting for the last one's end.
                incident.details["broker-gave-up-waiting"] = True

    async def alarm(self, fault: Fault) -> None:
        async with self.broker_lock, self._incident(fault):
            broker = self.brokers[self._node(fault)]
            await broker.fault("alarm", "on")
            await asyncio.sleep(fault.details["seconds"])
            await broker.fault("alarm", "off")

    async def listeners(self, fault: Fault) -> None:
        async with self.broker_lock, self._incident(fault):
            await asyncio.gather(*(broker.fault("listeners", "off") for broker in self.brokers))
            for proxy in self.proxies:
                proxy.reset_all()
            await asyncio.sleep(fault.details["seconds"])
            await asyncio.gather(*(broker.fault("listeners", "on") for broker in self.brokers))

    async def delete_queue(self, fault: Fault) -> None:
        async with self.broker_lock, self._incident(fault):
            await asyncio.to_thread(self.brokers[0].delete_queue, on_broker(fault.details["queue"]))

    # --- The processes ----------------------------------------------------------------------------------------------

    async def consumer_kill(self, fault: Fault) -> None:
        await self._replace(fault, "consumer", signal.SIGKILL)

    async def consumer_term(self, fault: Fault) -> None:
        await self._replace(fault, "consumer", signal.SIGTERM)

    async def producer_term(self, fault: Fault) -> None:
        await self._replace(fault, "producer", signal.SIGTERM)

    async def consumer_freeze(self, fault: Fault) -> None:
        if not (life := self._victim(fault, "consumer")):
            return
        async with self._incident(fault, victims=[life.name]):
            life.signal(signal.SIGSTOP)
            await asyncio.sleep(fault.details["seconds"])
            life.signal(signal.SIGCONT)

    async def _replace(self, fault: Fault, kind: str, number: signal.Signals) -> None:
        if not (life := self._victim(fault, kind)):
            return
        async with self._incident(fault, victims=[life.name]) as incident:
            # One that is frozen hears of it when it thaws.
            life.signal(signal.SIGCONT)
            await self.processes.end(life, number)
            successor = await self.processes.start(life.role)
            incident.victims = [life.name, successor.name]

    def _victim(self, fault: Fault, kind: str) -> Life | None:
        alive = [life for life in self.processes.alive(kind) if not life.was_ended]
        return alive[fault.details["victim"] % len(alive)] if alive else None
