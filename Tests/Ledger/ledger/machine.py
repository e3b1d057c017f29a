"""How much of the time the machine itself takes: without it, a busy machine would look like a slow client."""

from __future__ import annotations

import asyncio
import bisect
import os
import time


class Machine:
    """Watches how late this process is woken, and the system's load."""

    INTERVAL = 0.05
    LEAST = 0.02

    def __init__(self) -> None:
        self._ends: list[float] = []
        self._lags: list[float] = []
        self._loads: list[float] = []

    async def watch(self) -> None:
        """Sleeps again and again, and notes each sleep that took too long. For ever."""
        while True:
            start = time.monotonic()
            await asyncio.sleep(self.INTERVAL)
            lag = time.monotonic() - start - self.INTERVAL
            if lag > self.LEAST:
                self._ends.append(time.time())
                self._lags.append(lag)
            self._loads.append(os.getloadavg()[0])

    def lag(self, since: float, until: float) -> float:
        """How many seconds of a time this process was ready to run and did not."""
        first, last = bisect.bisect_left(self._ends, since), bisect.bisect_right(self._ends, until + self.INTERVAL)
        return sum(self._lags[first:last])

    @property
    def longest_lag(self) -> float:
        return max(self._lags, default=0.0)

    @property
    def load(self) -> float:
        """How many processes wanted to run at a time, on average."""
        return sum(self._loads) / max(1, len(self._loads))
