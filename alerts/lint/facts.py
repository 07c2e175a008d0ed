"""What the store knows of the metrics that alarms watch, read for many alarms at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from alerts.lint.case import Facts
from alerts.points import read
from alerts.rehearse.answered import answered_for
from app.catalogue import Catalogue
from app.catalogue.schema import Metric
from app.model.ids import Place
from app.model.time import Intervals
from app.model.watching import MINUTE, Input
from app.store import Coverage, Store

REACH = timedelta(days=15)
FINE_REACH = timedelta(days=1)
"""How far back periods below a minute are looked at: they have six times the slots."""

_DAY = 86_400
Coverages = Mapping[tuple[Place, str], Coverage]


def facts_of(
    store: Store, catalogue: Catalogue, inputs: Iterable[Input], now: datetime
) -> dict[Input, Facts]:
    """Facts for each input, one reading of the store for all of one period and statistic."""
    together: dict[tuple[int, int, str], list[Input]] = {}
    for each in dict.fromkeys(inputs):
        known = catalogue.metric(each.key.namespace, each.key.metric)
        step = each.stored(known.period if known else MINUTE)
        together.setdefault((step, each.period, each.statistic), []).append(each)
    coverages = store.coverages()
    found: dict[Input, Facts] = {}
    for (step, period, statistic), several in together.items():
        slots = _slots(period, now)
        ids = store.series.ids([each.key for each in several])
        there, position = np.unique(ids, return_inverse=True)
        slotted = read(store, there, slots, step, [statistic])
        values, counts = slotted.statistic(statistic), slotted.sample_count
        for each, series, row in zip(several, ids, position, strict=True):
            metric = catalogue.metric(each.key.namespace, each.key.metric)
            answered = answered_for(coverages, each.key.place, each.key.namespace)
            asked = _asked(slots, answered)
            points = values[row] if series else np.full(len(slots), np.nan)
            found[each] = _facts(bool(series), points, counts[row], asked, slots, metric)
    return found


def _slots(period: int, now: datetime) -> list[tuple[int, int]]:
    """Whole periods up to now."""
    reach = REACH if period >= MINUTE else FINE_REACH
    end = int(now.timestamp()) // period * period
    first = max(end - int(reach.total_seconds()) // period * period, 0)
    return [(start, start + period) for start in range(first, end, period)]


def _asked(slots: Sequence[tuple[int, int]], answered: Intervals) -> np.ndarray:
    starts, ends = np.array(slots).T
    asked = np.zeros(len(slots), dtype=bool)
    for window in answered:
        start, end = window.start.timestamp(), window.end.timestamp()
        asked |= (starts >= start) & (ends <= end)
    return asked


def _facts(
    known: bool,
    values: np.ndarray,
    counts: np.ndarray,
    asked: np.ndarray,
    slots: Sequence[tuple[int, int]],
    metric: Metric | None,
) -> Facts:
    there = ~np.isnan(values)
    first = int(np.argmax(there)) if there.any() else len(slots)
    since = asked & (np.arange(len(slots)) >= first)
    counted = counts[there & (counts > 0)]
    return Facts(
        known=known,
        days=(slots[-1][1] - slots[first][0]) / _DAY if there.any() else 0.0,
        share=float(there[since].mean()) if since.any() else 0.0,
        samples=float(np.median(counted)) if len(counted) else 0.0,
        lowest=float(values[there].min()) if there.any() else None,
        highest=float(values[there].max()) if there.any() else None,
        own_period=metric.period if metric else None,
        unit=metric.unit if metric else "",
        statistics=metric.statistics if metric else (),
        absent_is_zero=metric.absent_is_zero if metric else False,
        dimension_sets=metric.dimensions if metric else (),
    )
