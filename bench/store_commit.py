"""A minute of 10,000 series committed: file and catalog fsynced, against a Delta append and DuckDB.

All three take the same frame. Ours also registers series, extends coverage,
adds a round and calls, and checks the lease, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from pathlib import Path

import polars as pl
from deltalake import write_deltalake

from app.model.ids import Place
from app.model.rounds import MeterEntry, Result, Round
from bench.store_data import NOW, batch, keys, minutes, opened
from bench.store_peers import Given, connected
from bench.timing import compare, in_turns, percentile, report, scratch

SERIES = 10_000
REPEAT = 60


def main() -> None:
    with scratch() as folder:
        frames = [minutes(SERIES, first, 1)[0] for first in range(REPEAT + 2)]
        ours = _ours(folder, frames)
        delta = _delta(folder, frames)
        duck = _duckdb(folder, frames)
        ours_ms, delta_ms = in_turns(ours, delta, REPEAT // 2)
        ours_again, duck_ms = in_turns(ours, duck, REPEAT // 2)
        both = (*ours_ms.samples, *ours_again.samples)
        report("commit of 10,000 points, median", percentile(both, 0.5), "ms", limit=10)
        report("commit of 10,000 points, p95", percentile(both, 0.95), "ms")
        compare("commit", ours_ms.median, delta_ms.median, peer_name="deltalake append")
        compare("commit", ours_again.median, duck_ms.median, peer_name="DuckDB insert")


def _ours(folder: Path, frames: list[pl.DataFrame]) -> Callable[[], object]:
    store, lease = opened(folder)
    series = keys(SERIES)
    place = Place("111111111111", "us-east-1")
    done = Round("metrics", place, "AWS/Lambda", NOW, NOW, Result.OK, rows=SERIES)
    calls = [MeterEntry(NOW, place, "cloudwatch", "GetMetricData", "metrics", 20, 1, Decimal(0))]
    store.head()
    turn = count()

    def run() -> object:
        given = batch({"metrics": frames[next(turn) % len(frames)]}, series)
        return store.commit(given, lease=lease, now=NOW, round=done, meter=calls)

    return run


def _delta(folder: Path, frames: list[pl.DataFrame]) -> Callable[[], object]:
    table, turn = str(folder / "delta"), count()

    def run() -> object:
        return write_deltalake(table, frames[next(turn) % len(frames)], mode="append")

    return run


def _duckdb(folder: Path, frames: list[pl.DataFrame]) -> Callable[[], object]:
    connection = connected(folder / "peer.duckdb")
    connection.register("given", Given(frames[0]))
    connection.execute("CREATE TABLE points AS SELECT * FROM given LIMIT 0")
    turn = count()

    def run() -> object:
        connection.register("given", Given(frames[next(turn) % len(frames)]))
        return connection.execute("INSERT INTO points SELECT * FROM given")

    return run


if __name__ == "__main__":
    main()
