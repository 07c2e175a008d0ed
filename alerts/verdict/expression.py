"""The points of an alarm on Metrics: what its watched query yields over the evaluation range.

The whole range is computed at once, so functions such as ``RUNNING_SUM`` and ``SUM`` of a
series depend on how many slots are looked at, as they do in CloudWatch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alerts.verdict.evidence import Point
from alerts.verdict.rows import epoch
from alerts.verdict.rule import is_band, is_select
from alerts.verdict.slots import Slot
from app.query import metric_math

Rows = Sequence[Sequence[Any]]
Query = Mapping[str, Any]


def watched(alarm: Mapping[str, Any]) -> Query:
    """The query whose series is compared: the one that returns data and is not the band."""
    band = alarm.get("ThresholdMetricId")
    returned = [
        query
        for query in alarm.get("Metrics") or ()
        if query.get("ReturnData", True) and query.get("Id") != band and not is_band(query)
    ]
    return returned[0] if returned else {}


def computed(
    alarm: Mapping[str, Any],
    spans: Sequence[Slot],
    series: Mapping[str, Rows],
    band: Mapping[str, Rows] | None = None,
) -> dict[int, Point]:
    """Points of the watched query by the start of their slot; raises QueryError.

    ``series`` holds the points of each MetricStat (and of a SELECT) by its Id; one that is
    not in it has no points. Calendar days that a clock change made longer or shorter are laid
    side by side as if they were equal.
    """
    period = spans[0][1] - spans[0][0]
    starts = [start for start, _ in spans]
    even = {start: spans[0][0] + i * period for i, start in enumerate(starts)}
    back = {place: start for start, place in even.items()}
    query = watched(alarm)
    given = _given(alarm, series, even)
    if query.get("Id") in given:
        found: Rows = given[str(query["Id"])]
    else:
        bands = {side: _placed(rows, even) for side, rows in (band or {}).items()}
        found = _evaluated(alarm, query, given, bands, spans)
    return {back[int(at)]: Point(float(value)) for at, value in found if int(at) in back}


def _given(
    alarm: Mapping[str, Any], series: Mapping[str, Rows], even: Mapping[int, int]
) -> dict[str, list[tuple[int, float]]]:
    return {
        str(query["Id"]): _placed(series.get(str(query["Id"])) or (), even)
        for query in alarm.get("Metrics") or ()
        if query.get("MetricStat") or is_select(query)
    }


def _placed(rows: Rows, even: Mapping[int, int]) -> list[tuple[int, float]]:
    """Rows that sit on a slot start and hold a value."""
    timed = ((epoch(row[0]), row[1]) for row in rows)
    return [
        (even[int(at)], float(value)) for at, value in timed if value is not None and at in even
    ]


def _evaluated(
    alarm: Mapping[str, Any],
    query: Query,
    given: Mapping[str, Rows],
    bands: Mapping[str, Rows],
    spans: Sequence[Slot],
) -> Rows:
    start, period = spans[0][0], spans[0][1] - spans[0][0]
    result = metric_math.evaluate(
        str(query.get("Expression") or ""),
        given,
        period,
        start,
        start + len(spans) * period,
        expressions={
            str(each["Id"]): str(each["Expression"])
            for each in alarm["Metrics"]
            if each.get("Expression") and str(each["Id"]) not in given and each is not query
        },
        bands=bands,
        context="alarm",
    )
    return result.series or ()
