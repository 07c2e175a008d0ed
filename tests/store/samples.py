"""Places, series and batches for the tests of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from app.model.ids import Place, SeriesKey
from app.model.rounds import Batch, Covered, MeterEntry, Round, Settledness
from app.model.time import Window
from app.store import Committed, Lease, Store
from app.store.tables import METRIC_STATS, METRICS

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PROD = Place("111111111111", "eu-central-1")
STAGING = Place("222222222222", "us-east-1")
GROUP = "AWS/Lambda"

Point = tuple[int, datetime, float]
"""Position of the series in the batch, slot, value."""


def key(number: int, place: Place = PROD, metric: str = "Invocations") -> SeriesKey:
    return SeriesKey.of(place, "AWS/Lambda", metric, {"FunctionName": f"fn-{number}"})


KEYS = tuple(key(number) for number in range(5))


def at(text: str) -> datetime:
    """``11:30`` of the day of :data:`NOW`, or a full ISO time."""
    if len(text) == 5:
        text = f"2026-11-24T{text}"
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(start: str, end: str) -> Window:
    return Window(at(start), at(end))


def points(rows: Sequence[Point], period: int = 60) -> pl.DataFrame:
    """A frame for the table metrics, every statistic derived from the one value."""
    schema = {name: kind for name, kind in METRICS.schema.items() if name != "seq"}
    full = [(i, period, when, v, v / 2, v * 2, 1.0) for i, when, v in rows]
    return pl.DataFrame(full, schema=schema, orient="row")


def percentiles(rows: Sequence[Point], name: str = "p99", period: int = 60) -> pl.DataFrame:
    schema = {name: kind for name, kind in METRIC_STATS.schema.items() if name != "seq"}
    full = [(i, name, period, when, v) for i, when, v in rows]
    return pl.DataFrame(full, schema=schema, orient="row")


def covered(
    start: datetime,
    end: datetime,
    *,
    place: Place = PROD,
    group: str = GROUP,
    settledness: Settledness = Settledness.SETTLED,
) -> Covered:
    return Covered(place, group, Window(start, end), settledness)


def batch(rows: Sequence[Point], *, keys: Sequence[SeriesKey] = KEYS, period: int = 60) -> Batch:
    """Points with the coverage of exactly their span."""
    start = min(when for _, when, _ in rows)
    end = max(when for _, when, _ in rows) + timedelta(seconds=period)
    return Batch(
        frames={"metrics": points(rows, period)}, series=keys, covered=[covered(start, end)]
    )


def stored(store: Store, ids: Sequence[int], span: Window) -> list[tuple[int, datetime, float]]:
    """Series, slot and sum of what a reader is given."""
    frame = store.points(ids, span).select("series", "at", "sum").collect()
    return frame.rows()


@dataclass(slots=True)
class Writing:
    """A store and the right to write to it."""

    store: Store
    lease: Lease

    def commit(
        self,
        given: Batch,
        *,
        now: datetime = NOW,
        done: Round | None = None,
        meter: Sequence[MeterEntry] = (),
    ) -> Committed:
        return self.store.commit(given, lease=self.lease, now=now, round=done, meter=meter)

    def sums(self, rows: Mapping[str, float], number: int = 0) -> Committed:
        """Commit one series, written as ``{"11:30": 4.0}``."""
        return self.commit(batch([(number, at(text), value) for text, value in rows.items()]))


def hold(store: Store, holder: str = "tests", now: datetime = NOW) -> Writing:
    lease = store.acquire(holder, now, HOUR)
    assert lease is not None
    return Writing(store, lease)
