"""The values that alarms on expressions see, worked out from stored series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from app.model.alarms import AlarmDefinition
from app.model.ids import SeriesKey
from app.model.watching import series_key
from app.query.lang import QueryError
from app.query.metric_math import evaluate
from app.read.alarm_subject import is_band, watched
from app.read.groups import Groups
from app.read.sheet import load
from app.read.slots import Slots
from app.store import Store

Values = npt.NDArray[np.float64]


def values_of(
    store: Store, definitions: Sequence[AlarmDefinition], slots: Slots
) -> dict[str, Values]:
    """By the id of each alarm what its expression gives, NaN where there is nothing.

    Expressions that need more than stored series (searches, queries) give no values.
    """
    stats = {each.id: dict(_stats(each)) for each in definitions}
    series = _series(store, [key for found in stats.values() for key in found.values()], slots)
    return {
        each.id: _evaluated(
            each, {name: series[key] for name, key in stats[each.id].items()}, slots
        )
        for each in definitions
    }


_Key = tuple[SeriesKey, str]


def _stats(definition: AlarmDefinition) -> list[tuple[str, _Key]]:
    """The metrics of an alarm, by id."""
    found = []
    for query in definition.put.get("Metrics") or ():
        stat = query.get("MetricStat")
        if stat:
            key = series_key(stat["Metric"], definition.place)
            found.append((str(query["Id"]), (key, str(stat["Stat"]))))
    return found


def _series(store: Store, keys: Sequence[_Key], slots: Slots) -> dict[_Key, Values]:
    """Each series with each statistic once."""
    wanted = list(dict.fromkeys(keys))
    ids = store.series.ids([key for key, _ in wanted])
    by_statistic: dict[str, list[int]] = {}
    for at, (_, statistic) in enumerate(wanted):
        by_statistic.setdefault(statistic, []).append(at)
    sheet = load(store, {name: ids[rows] for name, rows in by_statistic.items()}, slots)
    found: dict[_Key, Values] = {}
    for name, rows in by_statistic.items():
        matrix = sheet.pooled(Groups.each(ids[rows]), name)
        found |= {wanted[at]: matrix[n] for n, at in enumerate(rows)}
    return found


def _evaluated(definition: AlarmDefinition, series: Mapping[str, Values], slots: Slots) -> Values:
    query = watched(definition.put)
    nothing = np.full(slots.count, np.nan)
    if query is None:
        return nothing
    if query.get("MetricStat"):
        return series.get(str(query.get("Id")), nothing)
    starts = slots.starts_ms // 1_000
    rows = {name: _rows(values, starts) for name, values in series.items()}
    others = {
        str(q["Id"]): str(q["Expression"])
        for q in definition.put["Metrics"]
        if q.get("Expression") and q is not query and not is_band(q)
    }
    end = int(slots.end.timestamp())
    try:
        result = evaluate(
            str(query["Expression"]),
            rows,
            slots.period_s,
            int(slots.start.timestamp()),
            end,
            expressions=others,
            context="alarm",
        )
    except QueryError:
        return nothing
    for at, value in result.series or ():
        nothing[(at - int(starts[0])) // slots.period_s] = value
    return nothing


def _rows(values: Values, starts: npt.NDArray[np.int64]) -> Any:
    known = ~np.isnan(values)
    return list(zip(starts[known].tolist(), values[known].tolist(), strict=True))
