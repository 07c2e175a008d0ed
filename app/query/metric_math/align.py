"""Series of different periods brought to one, each by its own statistic.

Grids are never combined by timestamp: every point without a partner would count as 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from app.query.lang import QueryError, Span
from app.query.metric_math.special import Rows

_SUMS = ("Sum", "SampleCount")


def aligned(
    series: Mapping[str, Rows],
    periods: Mapping[str, int],
    statistics: Mapping[str, str],
    *,
    start: int,
    period: int | None = None,
) -> tuple[dict[str, list[tuple[int, float]]], int]:
    """Every series at ``period``, or at the largest of ``periods``, and that period.

    Rows are (epoch second, value) with, for an Average, optionally the number of
    samples; without it points weigh the same. Slots begin at ``start``. A percentile
    cannot be made from finer percentiles, and no series from a coarser one: both are
    a QueryError.
    """
    wanted = period or max(periods.values(), default=60)
    found: dict[str, list[tuple[int, float]]] = {}
    for name, rows in series.items():
        own, statistic = periods.get(name, wanted), statistics.get(name, "Average")
        if own == wanted:
            found[name] = [(int(row[0]), float(row[1])) for row in rows]
            continue
        _check(name, own, wanted, statistic)
        found[name] = _together(rows, statistic, start, wanted)
    return found, wanted


def _check(name: str, own: int, wanted: int, statistic: str) -> None:
    whole = Span(0, len(name))
    if own > wanted or wanted % own:
        raise QueryError(f"`{name}` has a period of {own} s, {wanted} s are asked for", name, whole)
    if not re.fullmatch("Average|Minimum|Maximum|Sum|SampleCount", statistic):
        raise QueryError(f"{statistic} of `{name}` cannot be made from finer ones", name, whole)


def _together(rows: Rows, statistic: str, start: int, period: int) -> list[tuple[int, float]]:
    slots: dict[int, list[Sequence[float]]] = {}
    for row in rows:
        slots.setdefault(start + (int(row[0]) - start) // period * period, []).append(row)
    return [(slot, _value(statistic, slots[slot])) for slot in sorted(slots)]


def _value(statistic: str, rows: Sequence[Sequence[float]]) -> float:
    values = [float(row[1]) for row in rows]
    if statistic in _SUMS:
        return sum(values)
    if statistic == "Minimum":
        return min(values)
    if statistic == "Maximum":
        return max(values)
    weights = [float(row[2]) if len(row) > 2 else 1.0 for row in rows]
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
