"""Which metrics go into which GetMetricData call.

A metric is never split: its statistics in one request are billed as one. A call
stays below both of CloudWatch's limits, so that no answer needs a second page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.aws import MAX_LINES, MAX_POINTS, MetricQuery
from app.model.time import Window


def pack(
    queries: Sequence[MetricQuery],
    window: Window,
    *,
    max_lines: int = MAX_LINES,
    max_points: int = MAX_POINTS,
) -> Iterator[tuple[MetricQuery, ...]]:
    """The queries in order, cut into calls. Raises ValueError for one that fits into no call."""
    call: list[MetricQuery] = []
    lines = points = 0
    slots = {period: window.slots(period) for period in {query.period for query in queries}}
    for query in queries:
        more_lines = len(query.statistics)
        more_points = more_lines * slots[query.period]
        if more_lines > max_lines or more_points > max_points:
            raise ValueError(f"{query.series.metric} over {window.length} fits into no call")
        if call and (lines + more_lines > max_lines or points + more_points > max_points):
            yield tuple(call)
            call, lines, points = [], 0, 0
        call.append(query)
        lines, points = lines + more_lines, points + more_points
    if call:
        yield tuple(call)
