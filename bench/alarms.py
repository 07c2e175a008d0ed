"""100,000 alarms judged at once, against the per-alarm code over the same points.

Run ``python -m bench.alarms [ALARMS]``. The states of both are compared in the same
run; a tick of the engine reads the points from the head as here. Every rule takes part:
M of N, the four treatments and DynamoDB's default, the premature rule, percentiles with few
samples, sliding and wall-clock windows of minutes to hours, in zones off the hour too.
Bands and expressions, which are computed one by one, are measured for a hundredth as many.
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
from alerts.computed import ComputedBook, Readings, judged
from alerts.points import read
from alerts.verdict import Rule, evaluate, slots
from alerts.verdict.slots import Slot
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition
from app.model.ids import Place
from app.model.states import AlarmState
from app.store import Head
from app.store.tables import METRIC_STATS, METRICS
from bench.alarms_peer import RULES, rules_ms
from bench.timing import compare, peak_rss_mb, report, timed

SERIES, MINUTES, LIMIT_MS, MOST_MB = 10_000, 180, 500.0, 1_500.0
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
ZONES = ("UTC", "Europe/Berlin", "+05:30")
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
    put = _sliding(draw, i)
    if draw.random() < 0.1:
        zone = draw.choice(ZONES)
        n = draw.choice((1, 2, 3))
        clock = {"Period": draw.choice((300, 3600)), "EvaluationPeriods": n}
        clock |= {"DatapointsToAlarm": draw.randint(1, n), "Statistic": draw.choice(PLAIN)}
        put |= clock | {"EvaluationWindow": {"WallClockWindow": {"Timezone": zone}}}
        put.pop("ExtendedStatistic", None)
        put.pop("EvaluateLowSampleCountPercentile", None)
    return put


def _sliding(draw: random.Random, i: int) -> dict[str, Any]:
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
    spans = tuple(slots(Rule.of(put), NOW.timestamp()))
    rows: Rows = _table(source, put, spans)[int(put["MetricName"])]
    return rows


def _table(source: Points, put: Mapping[str, Any], spans: tuple[Slot, ...]) -> Any:
    """Rows of slot, value and samples for every series, made once for each kind of alarm."""
    name = put.get("Statistic") or put["ExtendedStatistic"]
    key = (name, spans)
    if key not in _TABLES:
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


_TABLES: dict[tuple[str, tuple[Slot, ...]], Any] = {}


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
    working = time.process_time()
    ours = timed(lambda: all_at_once(source, book, standing), repeat=9)
    working = (time.process_time() - working) * 1000 / 10
    held = report(f"judge {count:,} alarms", ours.median, "ms", limit=LIMIT_MS * count / 100_000)
    report("computing of it, on a machine that is shared", working, "ms")
    held &= report("peak memory with the data", peak_rss_mb(), "MB", limit=MOST_MB)
    peer, peer_ms = one_by_one(source, definitions, before)
    compare("judge all", ours.median, peer_ms, peer_name="evaluate() one by one")
    equal = [str(grid.STATES[code]) for code in states] == peer
    counts = np.bincount(states, minlength=len(grid.STATES)).tolist()
    told = ", ".join(f"{n:,} {state}" for state, n in zip(grid.STATES, counts, strict=True))
    print(f"the same states from both: {'yes' if equal else 'NO'} ({told})")
    _computed_ones(source, max(1, count // 100))
    theirs = rules_ms()
    if theirs is None:
        print("Prometheus is not installed here; its rules are left out")
    else:
        share = ours.median * RULES / count
        compare(f"{RULES:,} alarms", share, theirs, peer_name="Prometheus's rules")
    return held and equal


class Flat:
    """A band of 20 to 60 around everything."""

    def prepare(self, wanted: Any) -> None:
        """Nothing has to be learnt."""

    def band(self, subject: object, deviations: float, slots: Any) -> Any:
        return [(20.0, 60.0) for _ in slots]


def _computed_ones(source: Points, count: int) -> None:
    """Half of them expressions over two metrics, half held against a band."""
    draw = random.Random(6)
    definitions = [AlarmDefinition(PLACE, _metrics_put(draw, i)) for i in range(count)]
    book = ComputedBook.of(definitions, Catalogue({}))
    assert not book.broken, next(iter(book.broken.values()))
    end = round(NOW.timestamp())
    ready = [(alarm, end) for alarm in book.alarms]
    ids = {need.key: int(need.key.metric) + 1 for alarm in book.alarms for need in alarm.needs}

    def judge_all() -> None:
        readings = Readings(source, ids, ready)
        for alarm, at in ready:
            judged(alarm, readings, {}, Flat(), (at, AlarmState.OK, None))

    took = timed(judge_all, repeat=5)
    report(f"judge {count:,} alarms on expressions and bands", took.median, "ms")


def _metrics_put(draw: random.Random, i: int) -> dict[str, Any]:
    def metric(id_: str, shown: bool) -> dict[str, Any]:
        of = {"Namespace": "App", "MetricName": str(draw.randrange(SERIES))}
        return {
            "Id": id_,
            "ReturnData": shown,
            "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"},
        }

    put: dict[str, Any] = {
        "AlarmName": f"computed-{i}",
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": draw.randint(1, 3),
    }
    if i % 2:
        rate = [metric("e", False), metric("n", False), {"Id": "r", "Expression": "100 * e / n"}]
        return put | {
            "Metrics": rate,
            "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
        }
    band = {"Id": "b", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"}
    outside = "LessThanLowerOrGreaterThanUpperThreshold"
    return put | {
        "Metrics": [metric("m", True), band],
        "ThresholdMetricId": "b",
        "ComparisonOperator": outside,
    }


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
