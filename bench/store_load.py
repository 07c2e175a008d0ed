"""A day of 10,000 series loaded: rows of five values, sorted, written, committed; and its size.

Every row has sum, minimum, maximum and sample count, and a p99 in the table of
extended statistics. The peer is DuckDB's own format, given the same frames.
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl

from app.store import Store
from bench.store_data import NOW, batch, keys, minutes, opened, percentiles
from bench.store_peers import Given, connected
from bench.timing import compare, peak_rss_mb, report, scratch

SERIES = 10_000
HOURS = 24


def main() -> None:
    with scratch() as folder:
        ours, peer = [], []
        store, lease = opened(folder)
        series = keys(SERIES)
        duck = connected(folder / "peer.duckdb")
        for hour in range(HOURS):
            frame, p99 = minutes(SERIES, hour * 60, 60)
            stats = percentiles(frame, p99)
            started = time.perf_counter()
            given = batch({"metrics": frame, "metric_stats": stats}, series)
            store.commit(given, lease=lease, now=NOW)
            ours.append(time.perf_counter() - started)
            peer.append(_insert(duck, frame.with_columns(p99=p99), first=hour == 0))
        rows = SERIES * 60 * HOURS
        report("load", rows / sum(ours) / 1e6, "M rows/s", limit=2, better="more")
        compare("load, time", sum(ours), sum(peer), peer_name="DuckDB insert", unit="s")
        started = time.perf_counter()
        store.upkeep.compact(lease, NOW)
        seconds = time.perf_counter() - started
        report("sealing the day", rows / seconds / 1e6, "M rows/s")
        duck.close()
        _sizes(store, folder, rows)
        report("most memory", peak_rss_mb(), "MB")
        store.upkeep.compact(lease, NOW + timedelta(hours=1))
        store.close()


def _insert(duck: duckdb.DuckDBPyConnection, frame: pl.DataFrame, *, first: bool) -> float:
    started = time.perf_counter()
    duck.register("given", Given(frame))
    verb = "CREATE TABLE points AS" if first else "INSERT INTO points"
    duck.execute(f'{verb} SELECT * FROM given ORDER BY series, "at"')
    return time.perf_counter() - started


def _sizes(store: Store, folder: Path, rows: int) -> None:
    tables = store.upkeep.stats().tables
    size = sum(table.bytes for table in tables)
    report("disk", size / rows, "bytes a row of five values", limit=11)
    for table in tables:
        print(f"  {table.table}: {table.bytes_per_row:.2f} bytes a row, {table.sealed} segments")
    peer = (folder / "peer.duckdb").stat().st_size
    compare("disk", size / rows, peer / rows, peer_name="DuckDB", unit="bytes a row")


if __name__ == "__main__":
    main()
