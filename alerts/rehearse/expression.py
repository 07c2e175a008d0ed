"""What an alarm on Metrics saw at each moment: its expression over the slots of that moment.

An expression may depend on how many slots are looked at, so it is computed anew for each
moment, as the engine does, and each moment has slots of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alerts import grid
from alerts.computed import Computed, Needed
from alerts.learnt import LearntBands
from alerts.rehearse.moments import Moments
from alerts.rehearse.past import values_of
from alerts.rehearse.run import Seen
from alerts.verdict.expression import computed
from alerts.verdict.slots import Slot
from app.query.lang import QueryError
from app.store import Store


def looked(
    store: Store, alarm: Computed, seen: Moments, unusual: Sequence[tuple[float, float]] = ()
) -> tuple[Moments, Seen]:
    """The values of every slot of every moment, and the bounds where the alarm has a band."""
    inputs = {need.id: _values(store, need, seen) for need in alarm.needs}
    lower, upper = _bounds(store, alarm, seen, unusual)
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
            band = _band_of(spans, looks, (lower, upper))
            points = computed(alarm.definition.put, spans, series, band)
        except QueryError:  # the engine keeps the state then; so does no point at all, mostly
            continue
        row = (points.get(start) for start, _ in spans)
        values[moment] = [np.nan if point is None else point.value for point in row]
    own = np.arange(values.size).reshape(values.shape)
    flat = seen.looks.ravel()
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
    store: Store, alarm: Computed, seen: Moments, unusual: Sequence[tuple[float, float]]
) -> tuple[grid.Floats | None, grid.Floats | None]:
    """The band of every slot, learnt from what lies before it only."""
    if alarm.band is None:
        return None, None
    bands = LearntBands(store, store.series, unusual)
    sides = np.full((2, len(seen.starts)), np.nan)
    offsets = seen.starts % alarm.rule.period
    for offset in np.unique(offsets):
        mine = np.flatnonzero(offsets == offset)  # slots that touch each other, oldest first
        spans = [(int(seen.starts[i]), int(seen.ends[i])) for i in mine]
        found = bands.band(alarm.band.subject, alarm.band.deviations, spans)
        sides[:, mine] = np.array(found, dtype=float).T
    return sides[0], sides[1]


def _band_of(
    spans: Sequence[Slot], looks: grid.Index, sides: tuple[grid.Floats | None, ...]
) -> dict[str, list[tuple[int, float]]]:
    """The bounds of one moment, for expressions that compute with them."""
    return {
        name: [
            (start, float(value))
            for (start, _), value in zip(spans, side[looks], strict=True)
            if value == value  # NaN is no bound
        ]
        for name, side in zip(("lower", "upper"), sides, strict=True)
        if side is not None
    }
