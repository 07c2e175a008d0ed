"""Points on one line: ``0+10x3 _ 7`` is 0, 10, 20, 30, no point, 7.

``5x2`` repeats a value twice more, ``_x3`` is three gaps.
"""

from __future__ import annotations

import re

_RUN = re.compile(r"^(-?[\d.]+(?:e-?\d+)?)(?:([+-][\d.]+))?(?:x(\d+))?$")
_GAP = re.compile(r"^_(?:x(\d+))?$")


def series(text: str) -> list[float | None]:
    """The values that the line stands for, None where there is no point."""
    values: list[float | None] = []
    for part in text.split():
        if gap := _GAP.match(part):
            values += [None] * int(gap[1] or 1)
        elif run := _RUN.match(part):
            start, step = float(run[1]), float(run[2] or 0)
            values += [start + step * i for i in range(int(run[3] or 0) + 1)]
        else:
            raise ValueError(f"`{part}` is neither a number, a run nor a gap")
    return values


def ending(text: str, end: int, period: int) -> list[tuple[int, float | None]]:
    """The same as rows of slot start and value; the newest slot ends at ``end``."""
    values = series(text)
    first = end - len(values) * period
    return [(first + i * period, value) for i, value in enumerate(values)]
