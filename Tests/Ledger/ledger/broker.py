"""The brokers: what is done to them, by Scripts/broker, and what is asked of them, past the proxy."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import time
from dataclasses import dataclass
from typing import Any, Iterator
from urllib.parse import urlsplit

import pika


@dataclass
class Broker:
    """One broker, or one node of a cluster."""

    name: str
    port: int
    control: str
    lock: asyncio.Lock

    @staticmethod
    def of_environment() -> Broker:
        """The broker that `Scripts/broker exec` has started."""
        try:
            control = os.environ["MIMI_RABBITMQ_CONTROL"]
            return Broker(os.environ["MIMI_BROKER_NAME"], port_of(os.environ["MIMI_RABBITMQ_URL"]), control,
                          asyncio.Lock())
        except KeyError as missing:
            raise SystemExit(f"no broker that may be harmed ({missing} is not set): run this by Scripts/broker exec")

    def joined(self, name: str) -> Broker:
        """Starts one more node of this broker's cluster. It ends with this broker."""
        node = [self.control, "--name", name, "--join", self.name]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MIMI_RABBITMQ_URL")}
        url = subprocess.run([*node, "url"], check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
        return Broker(name, port_of(url.strip()), self.control, asyncio.Lock())

    async def fault(self, *words: str) -> None:
        """Does one of the faults of Scripts/broker."""
        process = await asyncio.create_subprocess_exec(
            self.control, "--name", self.name, "fault", *words, stderr=asyncio.subprocess.PIPE)
        _, errors = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{self.name}: {' '.join(words)}: {errors.decode().strip()}")

    async def restart(self) -> float:
        """Starts a broker that is down. Returns when its port was reachable again, in seconds since 1970."""
        restarting = asyncio.create_task(self.fault("restart"))
        reachable = await self.reachable()
        await restarting
        return reachable

    async def unreachable(self) -> None:
        """Waits until the port cannot be connected to: a broker that was killed keeps it for a moment longer."""
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                return
            writer.close()
            await asyncio.sleep(0.005)

    async def reachable(self) -> float:
        """Waits until the broker's port can be connected to; says when, in seconds since 1970."""
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            now = time.time()
            writer.close()
            return now

    @contextlib.contextmanager
    def channel(self) -> Iterator[Any]:
        """A channel of a client that is not the one under test."""
        parameters = pika.ConnectionParameters(
            "127.0.0.1", self.port, heartbeat=0, connection_attempts=30, retry_delay=1, socket_timeout=10)
        connection = pika.BlockingConnection(parameters)
        try:
            yield connection.channel()
        finally:
            with contextlib.suppress(pika.exceptions.AMQPError):
                connection.close()

    def delete_queue(self, queue: str) -> None:
        with self.channel() as channel:
            channel.queue_delete(queue)

    def serves(self, queues: list[str]) -> bool:
        """Whether each queue can be taken from. A message that is taken goes back."""
        for queue in queues:
            try:
                with self.channel() as channel:
                    method, _, _ = channel.basic_get(queue)
                    if method is not None:
                        channel.basic_nack(method.delivery_tag, requeue=True)
            except pika.exceptions.ChannelClosedByBroker:
                continue  # There is no such queue, at the moment.
            except pika.exceptions.ConnectionClosedByBroker:
                return False
        return True

    def lengths(self, queues: list[str]) -> dict[str, tuple[int, int]]:
        """How many messages wait in each queue that exists, and how many consumers it has."""
        found: dict[str, tuple[int, int]] = {}
        for queue in queues:
            with self.channel() as channel, contextlib.suppress(pika.exceptions.ChannelClosedByBroker):
                status = channel.queue_declare(queue, passive=True).method
                found[queue] = (status.message_count, status.consumer_count)
        return found

    def drain(self, queue: str) -> list[tuple[Any, bytes]]:
        """Takes everything out of a queue: properties and body of each message."""
        messages: list[tuple[Any, bytes]] = []
        with self.channel() as channel, contextlib.suppress(pika.exceptions.ChannelClosedByBroker):
            empty = 0
            # A queue may say that it is empty while it takes back what a consumer has left.
            while empty < 4:
                method, properties, body = channel.basic_get(queue, auto_ack=True)
                if method is None:
                    empty += 1
                    time.sleep(0.05)
                else:
                    empty = 0
                    messages.append((properties, body))
        return messages


def port_of(url: str) -> int:
    port = urlsplit(url).port
    if port is None:
        raise ValueError("the broker's URL names no port")
    return port
