"""Three questions to a day of 14.4 million rows: from sealed segments, from the head, from DuckDB.

DuckDB reads the same Parquet files and is told the ids; answers are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from app.model.time import Window
from app.store import Lease, Store
from bench.store_data import DAY, NOW, batch, keys, minutes, opened
from bench.store_peers import Given, asked, connected
from bench.timing import compare, in_turns, median_ms, peak_rss_mb, report, scratch

SERIES = 10_000
HOURS = 24
WHOLE = Window(DAY, DAY + timedelta(hours=HOURS))
THREE_HOURS = Window(DAY + timedelta(hours=12), DAY + timedelta(hours=15))


@dataclass(frozen=True, slots=True)
class Question:
    """The same question to both; ``limit`` is the most that ours may take, in ms."""

    label: str
    ours: Callable[[], pl.DataFrame]
    peer: str
    limit: float | None = None


def main() -> None:
    with scratch() as folder:
        store, lease = opened(folder)
        _load(store, lease)
        duck = _peer(store, folder)
        for question in (_one_series(store), _percentiles(store), _by_region(store)):
            _ask(question, duck)
        _ask_head(store)
        report("most memory", peak_rss_mb(), "MB")
        store.close()


def _load(store: Store, lease: Lease) -> None:
    series = keys(SERIES)
    for hour in range(HOURS):
        frame, _ = minutes(SERIES, hour * 60, 60)
        store.commit(batch({"metrics": frame}, series), lease=lease, now=NOW)
    store.upkeep.compact(lease, NOW)


def _peer(store: Store, folder: Path) -> duckdb.DuckDBPyConnection:
    duck = connected()
    sealed = folder / "store" / "segments" / "metrics" / "*" / "sealed-*.parquet"
    duck.execute(
        f"CREATE VIEW points AS SELECT * FROM read_parquet('{sealed}', hive_partitioning = false)"
    )
    duck.register("given", Given(store.series.find().select("series", "region", "metric")))
    duck.execute("CREATE TABLE names AS SELECT * FROM given")
    return duck


def _one_series(store: Store) -> Question:
    start, end = THREE_HOURS.start, THREE_HOURS.end
    return Question(
        "one series of 3 h",
        lambda: (
            store.points([3003], THREE_HOURS)
            .select(pl.col("at").dt.epoch("ms"), "sum", "sample_count")
            .collect(engine="streaming")
        ),
        'SELECT epoch_ms("at") AS "at", sum, sample_count FROM points '
        f'WHERE series = 3003 AND "at" >= \'{start}\' AND "at" < \'{end}\' ORDER BY "at"',
        limit=15,
    )


def _percentiles(store: Store) -> Question:
    def ours() -> pl.DataFrame:
        ids = store.series.find(metric="Duration")["series"].head(1000)
        return (
            store.points(ids, WHOLE)
            .group_by("series")
            .agg(pl.col("maximum").quantile(0.99, "linear").alias("value"))
            .sort("series")
            .collect(engine="streaming")
        )

    return Question(
        "p99 of 1,000 series over 24 h",
        ours,
        "SELECT series, quantile_cont(maximum, 0.99) AS value FROM points WHERE series IN "
        "(SELECT series FROM names WHERE metric = 'Duration' ORDER BY series LIMIT 1000) "
        "GROUP BY series ORDER BY series",
    )


def _by_region(store: Store) -> Question:
    def ours() -> pl.DataFrame:
        found = store.series.find(metric="Errors").head(1000)
        named = found.lazy().select("series", "region")
        return (
            store.points(found["series"], WHOLE)
            .group_by("series", pl.col("at").dt.truncate("5m"))
            .agg(pl.col("sum").sum())
            .join(named, on="series")
            .group_by(pl.col("at").dt.epoch("ms"), "region")
            .agg(pl.col("sum").sum())
            .sort("at", "region")
            .collect(engine="streaming")
        )

    return Question(
        "5-minute sum by Region of 1,000 series over 24 h",
        ours,
        'SELECT epoch_ms(time_bucket(INTERVAL 5 minute, "at")) AS slot, region, sum(sum) AS sum '
        "FROM points JOIN (SELECT series, region FROM names WHERE metric = 'Errors' "
        "ORDER BY series LIMIT 1000) USING (series) GROUP BY ALL ORDER BY slot, region",
    )


def _ask(question: Question, duck: duckdb.DuckDBPyConnection) -> None:
    found, expected = question.ours(), asked(duck, question.peer)
    expected = expected.rename(dict(zip(expected.columns, found.columns, strict=True)))
    assert found.height == expected.height
    for name in found.columns:
        if found[name].dtype.is_float():
            assert np.allclose(found[name], expected[name])
        else:
            assert found[name].to_list() == expected[name].to_list()
    ours, peer = in_turns(question.ours, lambda: asked(duck, question.peer), 15)
    report(question.label, ours.median, "ms", limit=question.limit)
    compare(question.label, ours.median, peer.median, peer_name="DuckDB on the same files")


def _ask_head(store: Store) -> None:
    report("head built", median_ms(store.head, repeat=1, warm=0), "ms")
    report("head", store.head().nbytes / 2**20, "MiB")
    newest = Window(WHOLE.end - timedelta(hours=3), WHOLE.end)
    whole = Window(WHOLE.end - timedelta(hours=24), WHOLE.end)
    head = store.head()
    one = median_ms(lambda: head.grid([3003], newest, 60), repeat=101)
    report("one series of 3 h from the head", one, "ms", limit=1)
    ids = store.series.find(metric="Errors")["series"].head(1000)
    report(
        "1,000 series over 24 h from the head", median_ms(lambda: head.grid(ids, whole, 60)), "ms"
    )
    fives = median_ms(lambda: head.grid(ids, whole, 300))
    report("1,000 series over 24 h in 5-minute slots from the head", fives, "ms")


if __name__ == "__main__":
    main()
