"""What is usual for the metric of an alarm on a band, over a range of time.

The same model as the judge's, over the same stored points, so the chart shows the bounds
that an alarm was held against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from app.model.alarms import AlarmDefinition
from app.model.lines import Line, Values
from app.model.time import Window
from app.query.lang import QueryError
from app.query.metric_math import BandCall, band_calls
from app.query.metric_math.band import MOST_HISTORY, band
from app.query.metric_math.values import Grid
from app.read.alarm_subject import period_s
from app.read.computed import values_of
from app.read.slots import Slots
from app.store import Store

LONGEST = timedelta(days=3)
"""A longer range is drawn without its band: every quarter of a day has a model of its own."""

UPPER, LOWER = "usual at most", "usual at least"
Stretch = tuple[float, float]


def usual_lines(
    store: Store, definition: AlarmDefinition, slots: Slots, unusual: Sequence[Stretch]
) -> tuple[Line, ...]:
    """The upper and the lower bound in these slots; none for an alarm without a band."""
    call = _band_of(definition.put)
    own = period_s(definition.put)
    if call is None or slots.period_s % own or slots.end - slots.start > LONGEST:
        return ()
    wide = Slots.over(Window(slots.start - timedelta(seconds=MOST_HISTORY), slots.end), own)
    around = _around(definition, call.of)
    values = values_of(store, [around], wide)[definition.id]
    grid = Grid(int(wide.start.timestamp()), own, wide.count)
    first = int((slots.start - wide.start).total_seconds()) // own
    sides = band(values, grid, call.deviations, first, unusual)
    lower, upper = (_pooled(side, slots) for side in sides)
    return (
        Line(UPPER, slots.start, slots.step, upper),
        Line(LOWER, slots.start, slots.step, lower),
    )


def _band_of(put: Mapping[str, Any]) -> BandCall | None:
    name = put.get("ThresholdMetricId")
    if name is None:
        return None
    texts = [str(q.get("Expression") or "") for q in put.get("Metrics") or () if q["Id"] == name]
    try:
        return next((call for text in texts for call in band_calls(text)), None)
    except QueryError:
        return None


def _around(definition: AlarmDefinition, expression: str) -> AlarmDefinition:
    """The alarm as if it watched what its band is around."""
    hidden = [{**query, "ReturnData": False} for query in definition.put["Metrics"]]
    watched = {"Id": "aroundTheBand", "Expression": expression}
    return replace(definition, put={**definition.put, "Metrics": [watched, *hidden]})


def _pooled(side: Values, slots: Slots) -> Values:
    """Bounds at the period of the chart: the mean of those that fall into a slot."""
    times = side.size // slots.count
    parts = side[: times * slots.count].reshape(slots.count, times)
    known = ~np.isnan(parts)
    counts = known.sum(axis=1)
    total = np.where(known, parts, 0.0).sum(axis=1)
    pooled: Values = np.divide(total, counts, out=np.full(slots.count, np.nan), where=counts > 0)
    return pooled
