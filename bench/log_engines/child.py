"""One process that loads a day or answers one question, and measures itself.

Only the standard library: chdb runs in an environment of its own. The order
comes as one line of JSON on standard input. A question is answered once, cold,
and then once more for each further line, so that engines can take turns; what
was measured leaves as lines of JSON.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

Rows = Sequence[Sequence[Any]]


class Engine(Protocol):
    """What a module of this package hands to :func:`main`."""

    def load(self, order: dict[str, Any]) -> dict[str, Any]:
        """Take the day in; figures of the engine's own."""

    def opened(self, order: dict[str, Any]) -> Callable[[], Rows]:
        """What answers the question of the order each time that it is called."""


def main(engine: Engine) -> None:
    """Do what standard input says."""
    order = json.loads(sys.stdin.readline())
    if order["step"] == "load":
        _tell(engine.load(order) | {"peak_mb": peak_mb()})
        return
    ask = engine.opened(order)
    for path in order["evict"]:
        evict(Path(path))
    figures, rows = _once(ask)
    _tell(figures | {"rows": rows})
    for _ in sys.stdin:
        _tell(_once(ask)[0])


def _tell(figures: dict[str, Any]) -> None:
    print(json.dumps(figures, default=str), flush=True)


def _once(ask: Callable[[], Rows]) -> tuple[dict[str, float], Rows]:
    """Seconds by the clock and of computing, all threads and started programs together."""
    computed, started = _computed(), time.perf_counter()
    rows = ask()
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "cpu": _computed() - computed, "peak_mb": peak_mb()}, rows


def _computed() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def evict(path: Path) -> None:
    """Drop a file, or the files of a folder, from the page cache, so that the next read is cold."""
    os.sync()
    for file in [path] if path.is_file() else path.rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def peak_mb() -> float:
    """The most memory of this process, or of one of those that it started if that is more.

    The kernel's figure for a process of its own (``ru_maxrss``) begins with
    what the starting process held, so the memory map is asked instead.
    """
    told = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    own = int(told[1]) if told else 0
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
