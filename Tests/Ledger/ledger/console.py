"""What is told while a run goes on."""

from __future__ import annotations

import sys
import time


def say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)
