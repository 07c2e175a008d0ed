"""Rows of time and value, as callers and sample files write them, turned into points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from alerts.statistics import Sample, statistic
from alerts.verdict.evidence import Point
from alerts.verdict.rule import Rule
from alerts.verdict.slots import Slot

Time = float | int | datetime
Row = Sequence[Any]
_SIDES = ("lower", "upper")


def epoch(time: Time) -> float:
    return time.timestamp() if isinstance(time, datetime) else float(time)


def points_of(rows: Sequence[Row]) -> dict[int, Point]:
    """Rows of time, value and perhaps a sample count, by time; half seconds sit on no slot."""
    points: dict[int, Point] = {}
    for time, value, *count in rows:
        at = epoch(time)
        if at == int(at):
            given = None if value is None else float(value)
            known = float(count[0]) if count and count[0] is not None else None
            points[int(at)] = Point(given, known)
    return points


def earliest(rows: Sequence[Row]) -> float | None:
    """When the oldest row that has a value begins."""
    return min((epoch(row[0]) for row in rows if row[1] is not None), default=None)


def aggregated(rule: Rule, spans: Sequence[Slot], rows: Sequence[Row]) -> dict[int, Point]:
    """The alarm's statistic over the raw samples of each slot."""
    timed = [(epoch(time), value, count) for time, value, *count in rows if value is not None]
    points: dict[int, Point] = {}
    for start, end in spans:
        inside: list[Sample] = [
            (float(value), float(count[0]) if count else 1.0)
            for time, value, count in timed
            if start <= time < end
        ]
        if inside:
            value = statistic(rule.statistic or "Average", inside)
            points[start] = Point(value, statistic("SampleCount", inside))
    return points


def bounds(
    band: Mapping[str, Sequence[Row]] | None,
) -> tuple[dict[int, float | None], dict[int, float | None]]:
    """The lower and the upper bounds of a band by time."""
    if band is None:
        return {}, {}
    lower, upper = (
        {int(epoch(time)): value for time, value in band.get(side) or ()} for side in _SIDES
    )
    return lower, upper
