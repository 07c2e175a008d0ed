"""Rows of time and value, as callers and sample files write them, turned into points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from alerts.statistics import Sample, StatisticSet, statistic
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
    """The alarm's statistic over the raw samples of each slot.

    A row is time, value and optionally count and unit; the value may be a statistic set in
    AWS's keys. Samples of another unit than the alarm's do not count.
    """
    timed = [(epoch(row[0]), row) for row in rows if row[1] is not None and _fits(rule, row)]
    points: dict[int, Point] = {}
    for start, end in spans:
        inside = [row for time, row in timed if start <= time < end]
        samples = [_sample(row) for row in inside if not isinstance(row[1], Mapping)]
        sets = [_set(row[1]) for row in inside if isinstance(row[1], Mapping)]
        if inside:
            value = statistic(rule.statistic or "Average", samples, sets)
            points[start] = Point(value, statistic("SampleCount", samples, sets))
    return points


def _fits(rule: Rule, row: Row) -> bool:
    """Whether a row has the alarm's unit, or says nothing of units."""
    return not rule.unit or len(row) < 4 or row[3] in (None, rule.unit)


def _sample(row: Row) -> Sample:
    count = row[2] if len(row) > 2 and row[2] is not None else 1.0
    return float(row[1]), float(count)


def _set(written: Mapping[str, Any]) -> StatisticSet:
    keys = ("SampleCount", "Sum", "Minimum", "Maximum")
    return StatisticSet(*(float(written[key]) for key in keys))


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
