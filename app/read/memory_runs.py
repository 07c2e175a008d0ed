"""With which memory sizes a function ran, and how long it took with each, from its own log.

Lambda writes a ``REPORT`` line for each invocation, so a change of memory shows as two
sizes in the same group, and what it did to the bill can be told afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.model.ids import Place
from app.model.time import Window
from app.read.logs import LogsReader
from app.read.spend import MemoryRun

MB = 1_000_000
"""How many bytes the field ``@memorySize`` counts for a megabyte."""

_QUERY = """filter @type = "REPORT"
| stats count(*) as runs, avg(@billedDuration) as average, min(@timestamp) as first by @memorySize
| sort first asc"""


def memory_runs(
    logs: LogsReader, group: str, window: Window, places: Sequence[Place], now: datetime
) -> tuple[MemoryRun, ...]:
    """One for each memory size, in the order in which they came."""
    result = logs.query(_QUERY, [group], window, places, now=now).result()
    at = [result.columns.index(name) for name in ("@memorySize", "average", "runs")]
    numbers = ([_number(row[place]) for place in at] for row in result.rows)
    return tuple(
        MemoryRun(round(memory / MB), round(average, 2), round(runs))
        for memory, average, runs in numbers
        if memory
    )


def _number(cell: str | float | int | None) -> float:
    """A cell of an answer; nothing is 0."""
    return float(cell) if cell else 0.0
