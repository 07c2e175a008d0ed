"""Whether log events are all there: what arrived, what of it is missing, what rules left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from app.model.ids import Place
from app.model.logs import EVENTS_ARRIVED, EVENTS_LEFT_OUT, EVENTS_MISSING, OWN_NAMESPACE
from app.model.time import Window
from app.store import Store

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class GroupAudit:
    """Events of a log group in the last day; ``until`` is how far they were counted.

    Without ``until`` nobody could count them: rules leave events out on purpose.
    """

    place: Place
    group: str
    arrived: int
    missing: int
    left_out: int
    until: datetime | None


def audits(store: Store, places: Iterable[Place], now: datetime) -> tuple[GroupAudit, ...]:
    """Groups with missing events first, then those of which most was left out."""
    named = {EVENTS_ARRIVED: "arrived", EVENTS_MISSING: "missing", EVENTS_LEFT_OUT: "left_out"}
    series = store.series.find(places=places, namespace=OWN_NAMESPACE).filter(
        pl.col("metric").is_in(list(named))
    )
    ids = series["series"].to_list()
    keys = dict(zip(ids, store.series.keys(ids), strict=True))
    sums = (
        store.points(ids, Window(now - DAY, now + MINUTE), 60)
        .group_by("series")
        .agg(pl.col("sum").sum(), pl.col("at").max())
        .collect(engine="streaming")
    )
    found: dict[tuple[Place, str], dict[str, int]] = {}
    until: dict[tuple[Place, str], datetime] = {}
    for number, total, at in sums.iter_rows():
        key = keys[number]
        group = (key.place, dict(key.dimensions)["LogGroupName"])
        counts = found.setdefault(group, dict.fromkeys(named.values(), 0))
        counts[named[key.metric]] += int(total)
        if key.metric == EVENTS_ARRIVED:
            until[group] = at + MINUTE
    told = [
        GroupAudit(place, name, **counts, until=until.get((place, name)))
        for (place, name), counts in found.items()
    ]
    return tuple(sorted(told, key=lambda t: (-t.missing, -t.left_out, t.group, t.place)))
