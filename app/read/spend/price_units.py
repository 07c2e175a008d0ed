"""How units of prices compare: AWS bills gp3 throughput by ``GiBps-mo`` and people give MiB/s.

Only scales are compared (bytes, and seconds to hours): ``Hrs`` and ``hour`` are the same, and
units that tell no scale are words for the same thing. A gigabyte of the bill is 2^30 bytes.
"""

from __future__ import annotations

import re
from decimal import Decimal

_SIZE = re.compile(r"(?<![A-Za-z])([KMGTP]?)i?B(?:ps)?(?![A-Za-z])")
_BYTES = re.compile(r"(?i)\bbytes?\b")
_TIME = re.compile(r"(?i)(?:\b|(?<=[a-z]))(mo|month|months|hrs?|hours?|minutes?|seconds?)\b")
_POWERS = ("", "K", "M", "G", "T", "P")
_SECONDS = {"h": 3600, "m": 60, "s": 1}


def ratio(unit: str, other: str) -> Decimal | None:
    """How many of ``other`` one ``unit`` is; None where one cannot be made of the other."""
    size = _ratio(_size(unit), _size(other))
    times = _times(unit), _times(other)
    if "month" in times and times[0] != times[1] and None not in times:
        return None
    seconds = [each if isinstance(each, int) else None for each in times]
    return size * _ratio(*seconds)


def _ratio(one: int | None, other: int | None) -> Decimal:
    return Decimal(one) / other if one and other else Decimal(1)


def _size(unit: str) -> int | None:
    """Bytes of the unit, None where it tells none."""
    if found := _SIZE.search(unit):
        return int(1024 ** _POWERS.index(found[1]))
    return 1 if _BYTES.search(unit) else None


def _times(unit: str) -> int | str | None:
    """Seconds of the unit, or ``month``; None where it tells none."""
    found = _TIME.search(unit)
    if found is None:
        return None
    word = found[1].lower()
    return "month" if word.startswith("mo") else _SECONDS[word[0]]
