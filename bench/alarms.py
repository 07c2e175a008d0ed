"""100,000 alarms judged at once, against the per-alarm code over the same points.

Run ``python -m bench.alarms [ALARMS]``. The states of both are compared in the same
run; a tick of the engine reads the points from the head as here.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from alerts import grid
from alerts.book import Book
from alerts.cohort import Standing, judged_states
from alerts.points import read
from alerts.verdict import Rule, evaluate, slots
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition
from app.model.ids import Place
from app.store import Head
from app.store.tables import METRIC_STATS, METRICS
from bench.timing import compare, peak_rss_mb, report, timed

SERIES, MINUTES, LIMIT_MS = 10_000, 180, 500.0
PLACE = Place("111111111111", "eu-central-1")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PLAIN = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")
Rows = list[tuple[int, float | None, float | None]]
OPERATORS = (
    "GreaterThanThreshold",
    "GreaterThanOrEqualToThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
)
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


class Points:
    """The newest hours of every series in a head; nothing is read from segments."""

    def __init__(self, draw: np.random.Generator) -> None:
        self._head = Head(24)
        self._head.lay(METRICS.name, _metrics(draw))
        self._head.lay(METRIC_STATS.name, _percentiles(draw))

    def head(self) -> Head:
        return self._head

    def points(self, *_: Any) -> pl.LazyFrame:
        raise LookupError("the head holds everything")

    statistics = points


def _metrics(draw: np.random.Generator) -> pl.DataFrame:
    """Minutes of every series: every eighth point is missing, and each 50th series."""
    series, minute = np.divmod(np.arange(SERIES * MINUTES), MINUTES)
    kept = (draw.random(series.size) > 0.12) & (series % 50 != 0)
    series, minute = series[kept], minute[kept]
    values = draw.gamma(2, 20, series.size)
    start = NOW - timedelta(minutes=MINUTES)
    at = np.datetime64(start.replace(tzinfo=None), "ms") + minute * np.timedelta64(60_000, "ms")
    return pl.DataFrame(
        {
            "series": (series + 1).astype("u4"),
            "period": np.full(series.size, 60, "i4"),
            "at": pl.Series(at).dt.replace_time_zone("UTC"),
            "sum": values * 30,
            "minimum": values / 2,
            "maximum": values * 2,
            "sample_count": draw.integers(10, 50, series.size).astype("f8"),
        }
    )


def _percentiles(draw: np.random.Generator) -> pl.DataFrame:
    rows = _metrics(draw)
    return rows.select(
        "series", pl.lit("p90").alias("statistic"), "period", "at", pl.col("maximum").alias("value")
    )


def alarms(count: int) -> list[AlarmDefinition]:
    """Every rule in one book: five statistics and a percentile, minutes and five minutes."""
    draw = random.Random(5)
    return [AlarmDefinition(PLACE, _put(draw, i)) for i in range(count)]


def _put(draw: random.Random, i: int) -> dict[str, Any]:
    n = draw.choice((1, 3, 5, 10))
    put: dict[str, Any] = {
        "AlarmName": f"alarm-{i}",
        "Namespace": draw.choice(("App", "AWS/DynamoDB")),
        "MetricName": str(draw.randrange(SERIES)),
        "Period": draw.choice((60, 60, 60, 300)),
        "EvaluationPeriods": n,
        "DatapointsToAlarm": draw.randint(1, n),
        "Threshold": draw.gammavariate(2, 30),
        "ComparisonOperator": draw.choice(OPERATORS),
    }
    if draw.random() < 0.8:
        put["TreatMissingData"] = draw.choice(TREATMENTS)
    if draw.random() < 0.1:
        few = draw.choice(("ignore", "evaluate"))
        more = {"ExtendedStatistic": "p90", "EvaluateLowSampleCountPercentile": few, "Period": 60}
        return put | more
    return put | {"Statistic": draw.choice(PLAIN)}


def all_at_once(source: Points, book: Book, standing: Standing) -> grid.Codes:
    """The states of every alarm of the book."""
    states = standing.states.copy()
    end = round(NOW.timestamp())
    for cohort in book.cohorts:
        everyone = np.ones(len(cohort.group.rows), dtype=bool)
        judged = judged_states(source, book, cohort, everyone, end, standing)
        states[judged.group.rows] = judged.after
    return states


def one_by_one(
    source: Points, definitions: list[AlarmDefinition], before: grid.Codes
) -> tuple[list[str], float]:
    """The same by ``evaluate``, and the milliseconds it took; points lie ready as lists."""
    rows = [_rows(source, definition) for definition in definitions]
    previous = [grid.STATES[code] for code in before]
    now = NOW.timestamp()
    started = time.perf_counter()
    states = [
        str(evaluate(definition.put, points, state, now).state)
        for definition, points, state in zip(definitions, rows, previous, strict=True)
    ]
    return states, (time.perf_counter() - started) * 1000


def _rows(source: Points, definition: AlarmDefinition) -> Rows:
    put = definition.put
    spans = slots(Rule.of(put), NOW.timestamp())
    rows: Rows = _table(source, put, len(spans))[int(put["MetricName"])]
    return rows


def _table(source: Points, put: Mapping[str, Any], count: int) -> Any:
    """Rows of slot, value and samples for every series, made once for each kind of alarm."""
    name = put.get("Statistic") or put["ExtendedStatistic"]
    key = (name, put["Period"], count)
    if key not in _TABLES:
        period = int(put["Period"])
        end = round(NOW.timestamp())
        spans = [(s, s + period) for s in range(end - count * period, end, period)]
        ids = np.arange(1, SERIES + 1, dtype=np.uint32)
        slotted = read(source, ids, spans, 60, [name])
        values, samples = slotted.statistic(name).tolist(), slotted.sample_count.tolist()
        _TABLES[key] = [
            [
                (start, None if value != value else value, sample or None)
                for (start, _), value, sample in zip(spans, mine, many, strict=True)
            ]
            for mine, many in zip(values, samples, strict=True)
        ]
    return _TABLES[key]


_TABLES: dict[tuple[str, int, int], Any] = {}


def main(count: int = 100_000) -> bool:
    draw = np.random.default_rng(5)
    source = Points(draw)
    definitions = alarms(count)
    started = time.perf_counter()
    book = Book.of(definitions, Catalogue({}))
    report(f"compile {count:,} alarms once", (time.perf_counter() - started) * 1000, "ms")
    series = np.array([int(w.key.metric) + 1 for w in book.watched], dtype=np.uint32)
    before = draw.integers(0, 3, count).astype(np.int8)
    standing = Standing(series, before)
    states = all_at_once(source, book, standing)
    ours = timed(lambda: all_at_once(source, book, standing), repeat=9)
    held = report(f"judge {count:,} alarms", ours.median, "ms", limit=LIMIT_MS * count / 100_000)
    peer, peer_ms = one_by_one(source, definitions, before)
    compare("judge all", ours.median, peer_ms, peer_name="evaluate() one by one")
    equal = [str(grid.STATES[code]) for code in states] == peer
    counts = np.bincount(states, minlength=len(grid.STATES)).tolist()
    told = ", ".join(f"{n:,} {state}" for state, n in zip(grid.STATES, counts, strict=True))
    print(f"the same states from both: {'yes' if equal else 'NO'} ({told})")
    report("peak memory", peak_rss_mb(), "MB")
    return held and equal


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
