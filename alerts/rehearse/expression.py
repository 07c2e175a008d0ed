"""What an alarm on Metrics saw at each moment: its expression over the slots of that moment.

An expression may depend on how many slots are looked at, so it is computed anew for each
moment, as the engine does, and each moment has slots of its own.
"""

from __future__ import annotations

import numpy as np

from alerts import grid
from alerts.computed import Computed, Needed
from alerts.rehearse.moments import Moments
from alerts.rehearse.past import values_of
from alerts.rehearse.run import Seen
from alerts.verdict.expression import computed
from app.query.lang import QueryError
from app.query.metric_math.band import MOST_HISTORY, band
from app.query.metric_math.values import Grid
from app.store import Store


def looked(store: Store, alarm: Computed, seen: Moments) -> tuple[Moments, Seen]:
    """The values of every slot of every moment, and the bounds where the alarm has a band."""
    inputs = {need.id: _values(store, need, seen) for need in alarm.needs}
    values = np.full(seen.looks.shape, np.nan)
    for moment in range(len(seen.at)):
        spans, looks = seen.slots(moment), seen.looks[moment]
        series = {
            name: [
                (start, float(value))
                for (start, _), value in zip(spans, found[looks], strict=True)
                if value == value  # NaN is no point
            ]
            for name, found in inputs.items()
        }
        try:
            points = computed(alarm.definition.put, spans, series)
        except QueryError:  # the engine keeps the state then; so does no point at all, mostly
            continue
        row = (points.get(start) for start, _ in spans)
        values[moment] = [np.nan if point is None else point.value for point in row]
    own = np.arange(values.size).reshape(values.shape)
    flat = seen.looks.ravel()
    lower, upper = _bounds(store, alarm, seen)
    return (
        Moments(seen.at, seen.starts[flat], seen.ends[flat], own),
        Seen(
            values.ravel(),
            np.full(values.size, np.nan),
            None if lower is None else lower[flat],
            None if upper is None else upper[flat],
        ),
    )


def _values(store: Store, need: Needed, seen: Moments) -> grid.Floats:
    series = store.series.ids([need.key])
    if not series[0]:
        return np.full(len(seen.starts), np.nan)
    return values_of(store, series, need.statistic, seen, need.step)[0]


def _bounds(
    store: Store, alarm: Computed, seen: Moments
) -> tuple[grid.Floats | None, grid.Floats | None]:
    """The band of every slot, learnt from what lies before it only."""
    if alarm.band is None:
        return None, None
    own = alarm.band
    need = next(each for each in alarm.needs if each.key == own.key)
    period = alarm.rule.period
    first = int(seen.starts.min()) - MOST_HISTORY // period * period
    count = (int(seen.starts.max()) - first) // period + 1
    starts = first + period * np.arange(count, dtype=np.int64)
    looks = np.arange(count)[None, :]
    past = Moments(seen.at[:1], starts, starts + period, looks)
    points = _values(store, need, past)
    begin = int(np.searchsorted(starts, seen.starts.min()))
    sides = band(points, Grid(first, period, count), own.width, begin)
    position = np.searchsorted(starts[begin:], seen.starts)
    on_grid = (seen.starts - first) % period == 0
    lower, upper = (np.where(on_grid, side[position], np.nan) for side in sides)
    return lower, upper
