"""A TCP proxy before a broker, with the faults of a network."""

from __future__ import annotations

import asyncio
import collections
import random
import socket
import struct
import time
from dataclasses import dataclass

CHUNK = 64 * 1024
#: So many chunks wait in one direction before the proxy stops reading.
MOST_WAITING = 256


@dataclass
class Conditions:
    """The state of the network, for all connections of a proxy."""

    refuses: bool = False
    """New connections are reset at once."""
    stalls_up: bool = False
    """Nothing reaches the broker, though the connections stand. (down: nothing reaches the clients.)"""
    stalls_down: bool = False
    slices: bool = False
    """Bytes arrive 1 to 7 at a time."""
    bytes_per_second: float | None = None
    latency: tuple[float, float] | None = None
    """Mean and spread, in seconds."""

    def stalls(self, direction: str) -> bool:
        return self.stalls_up if direction == "up" else self.stalls_down

    def is_clear(self, direction: str) -> bool:
        return not (self.stalls(direction) or self.slices or self.bytes_per_second or self.latency)


class Stream:
    """One direction of one connection."""

    def __init__(self, link: Link, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.link = link
        self.direction = direction
        self.reader = reader
        self.writer = writer
        self.waiting: collections.deque[tuple[float, bytes]] = collections.deque()
        self.deliverer: asyncio.Task[None] | None = None
        self.last_due = 0.0
        self.is_half_closed = False

    async def run(self) -> None:
        """Carries bytes until the stream ends, and its end after them."""
        while data := await self.reader.read(CHUNK):
            if self.is_half_closed:
                continue  # Whoever sends it does not know that nobody hears.
            if self.deliverer is None and self.link.is_clear(self.direction):
                self.writer.write(data)
                await self.writer.drain()
                continue
            while len(self.waiting) > MOST_WAITING and not self.link.is_over:
                await asyncio.sleep(0.02)
            self._enqueue(data)
        self._enqueue(b"")
        if self.deliverer:
            await self.deliverer

    def _enqueue(self, data: bytes) -> None:
        self.last_due = max(self.last_due, time.monotonic() + self.link.delay())
        self.waiting.append((self.last_due, data))
        if self.deliverer is None:
            self.deliverer = asyncio.create_task(self._deliver())

    async def _deliver(self) -> None:
        try:
            await self._deliver_all()
        except OSError:
            self.link.reset()
        self.deliverer = None

    async def _deliver_all(self) -> None:
        """Delivers what waits, as the network allows; an empty chunk is the end of the stream."""
        while self.waiting and not self.link.is_over:
            due, data = self.waiting.popleft()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if not data:
                await self._wait_while_stalled()
                self.half_close()
            while data and not self.is_half_closed:
                await self._wait_while_stalled()
                size = self.link.slice_size(len(data))
                piece, data = data[:size], data[size:]
                if self.link.cuts_with(len(piece)):
                    self.link.reset()
                    return
                self.writer.write(piece)
                await self.writer.drain()
                if rate := self.link.conditions.bytes_per_second:
                    await asyncio.sleep(len(piece) / rate)

    async def _wait_while_stalled(self) -> None:
        while self.link.conditions.stalls(self.direction) and not self.link.is_over:
            await asyncio.sleep(0.01)

    def half_close(self) -> None:
        """Ends this direction with a FIN; the other goes on."""
        self.is_half_closed = True
        if self.writer.can_write_eof() and not self.writer.is_closing():
            self.writer.write_eof()


class Link:
    """One connection of a client to the broker."""

    def __init__(self, conditions: Conditions, generator: random.Random):
        self.conditions = conditions
        self.generator = generator
        self.bytes_left: int | None = None
        self.is_over = False
        self.streams: list[Stream] = []
        self.writers: list[asyncio.StreamWriter] = []

    def is_clear(self, direction: str) -> bool:
        return self.bytes_left is None and self.conditions.is_clear(direction)

    def delay(self) -> float:
        if self.conditions.latency is None:
            return 0.0
        mean, spread = self.conditions.latency
        return max(0.0, self.generator.uniform(mean - spread, mean + spread))

    def slice_size(self, most: int) -> int:
        if self.conditions.slices:
            return self.generator.randint(1, 7)
        if self.conditions.bytes_per_second:
            return min(most, 100)
        return most if self.bytes_left is None else max(1, min(most, self.bytes_left))

    def cuts_with(self, size: int) -> bool:
        """Counts bytes, and says whether the connection has carried all that it is granted."""
        if self.bytes_left is None:
            return False
        self.bytes_left -= size
        return self.bytes_left <= 0

    def reset(self) -> None:
        """Ends the connection on both sides with an RST, without a word."""
        self.is_over = True
        for writer in self.writers:
            connection = writer.get_extra_info("socket")
            if connection is not None and not writer.is_closing():
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


class Proxy:
    """Listens on 127.0.0.1 before a broker on 127.0.0.1."""

    def __init__(self, upstream_port: int, seed: int):
        self.upstream_port = upstream_port
        self.conditions = Conditions()
        self.links: list[Link] = []
        self.opened = asyncio.Event()
        self.port = 0
        self._generator = random.Random(f"proxy {seed} {upstream_port}")
        self._server: asyncio.Server | None = None

    async def start(self, ports: range) -> None:
        """Listens on a port that nobody uses. Below the range of ephemeral ports: else a client that tries to
        reconnect to a dead port could connect to itself."""
        for port in random.sample(ports, 200):
            try:
                self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
            except OSError:
                continue
            self.port = port
            return
        raise OSError("no port is free for the proxy")

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self.reset_all()

    def reset_all(self) -> None:
        for link in list(self.links):
            link.reset()

    def reset_one(self, number: int) -> None:
        if self.links:
            self.links[number % len(self.links)].reset()

    def half_close(self, direction: str) -> None:
        for link in self.links:
            for stream in link.streams:
                if stream.direction == direction:
                    stream.half_close()

    def cut_after(self, count: int) -> None:
        """Each connection that stands now is reset when it has carried so many more bytes."""
        for link in self.links:
            link.bytes_left = count

    def heal(self) -> None:
        for name, value in vars(Conditions()).items():
            setattr(self.conditions, name, value)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self.conditions, self._generator)
        link.writers.append(writer)
        if self.conditions.refuses:
            return link.reset()
        try:
            upstream = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        except OSError:
            return link.reset()
        link.writers.append(upstream[1])
        link.streams = [Stream(link, "up", reader, upstream[1]), Stream(link, "down", upstream[0], writer)]
        self.links.append(link)
        self.opened.set()
        try:
            await asyncio.gather(*(stream.run() for stream in link.streams))
        except OSError:
            link.reset()
        finally:
            self.links.remove(link)
            for each in link.writers:
                each.close()
