"""Points on one line: ``0+10x3 _ 7`` is 0, 10, 20, 30, no point, 7.

``5x2`` repeats a value twice more, ``0+10x3`` adds 10 three times, ``_x3`` is three gaps.
States of children are written the same way: ``OKx4 ALARM`` is four more times OK, then ALARM.
"""

from __future__ import annotations

import re

from app.model.states import AlarmState

MOST = 100_000
"""Points of one line; more is a slip of the keyboard."""

_NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_RUN = re.compile(rf"^({_NUMBER})(?:([+-](?:\d+\.?\d*|\.\d+)))?(?:x(\d+))?$", re.IGNORECASE)
_GAP = re.compile(r"^_(?:x(\d+))?$")
_WORD = re.compile(r"^([A-Z_]+?)(?:x(\d+))?$")


def points(text: str) -> list[float | None]:
    """The values that the line stands for, None where there is no point."""
    values: list[float | None] = []
    for part in text.split():
        if gap := _GAP.match(part):
            values += [None] * _times(int(gap[1] or 1), part)
        elif run := _RUN.match(part):
            start, step = float(run[1]), float(run[2] or 0)
            values += [start + step * i for i in range(_times(int(run[3] or 0) + 1, part))]
        else:
            raise ValueError(f"`{part}` is neither a number, a run (0+10x3) nor a gap (_)")
    return values


def words(text: str) -> list[AlarmState]:
    """The states that the line stands for."""
    states: list[AlarmState] = []
    for part in text.split():
        word = _WORD.match(part)
        if word is None or word[1] not in tuple(AlarmState):
            raise ValueError(f"`{part}` is no state; known are {', '.join(AlarmState)}")
        states += [AlarmState(word[1])] * _times(int(word[2] or 0) + 1, part)
    return states


def _times(count: int, part: str) -> int:
    if count > MOST:
        raise ValueError(f"`{part}` is more than {MOST:,} points")
    return count
