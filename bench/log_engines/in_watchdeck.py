"""Ours: shredded and committed as a collector does, asked as a page does."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from app.config import StoreSettings
from app.model.hashing import event_hashes
from app.model.ids import Place
from app.model.logs import LogGroupKey, LogRows
from app.model.rounds import Batch
from app.model.time import Window
from app.query.insights import Answer
from app.query.insights.parse import parse
from app.query.insights.shred import shred
from app.read.logs import LogsReader
from app.store import Lease, Store, open_store
from bench.log_engines.child import Rows, main, peak_mb
from bench.logs_data import DAY

PLACE = Place("111111111111", "us-east-1")
WINDOW = Window(DAY, DAY + timedelta(days=1))
SAME_DAY = WINDOW.end
DAYS_LATER = WINDOW.end + timedelta(days=2)


class Watchdeck:
    """See :class:`bench.log_engines.child.Engine`."""

    def load(self, order: dict[str, Any]) -> dict[str, Any]:
        folder = Path(order["store"])
        store, lease = _writing(folder)
        took = {"taken_apart": 0.0, "committed": 0.0}
        computed = time.process_time()
        for chunk in _chunks(order["chunks"]):
            started = time.perf_counter()
            rows = log_rows(chunk, fields=order["fields"])
            apart = time.perf_counter()
            store.commit(Batch(logs=rows), lease=lease, now=SAME_DAY)
            took["taken_apart"] += apart - started
            took["committed"] += time.perf_counter() - apart
        took["cpu"] = time.process_time() - computed
        took["ingest_peak_mb"] = peak_mb()
        started, computed = time.perf_counter(), time.process_time()
        store.upkeep.compact(lease, SAME_DAY)
        took["merged"] = time.perf_counter() - started
        took["merged_cpu"] = time.process_time() - computed
        [table] = [t for t in store.upkeep.stats().tables if t.table == "logs"]
        store.upkeep.compact(
            lease, SAME_DAY + timedelta(hours=1)
        )  # files that nobody reads any more
        store.close()
        return took | {"rows": table.rows, "bytes": table.bytes} | _sealed(folder)

    def opened(self, order: dict[str, Any]) -> Callable[[], Rows]:
        store = open_store(StoreSettings(path=Path(order["store"])), SAME_DAY)
        reader = LogsReader(store)
        groups = order["groups"] or []
        parse(order["text"])  # the grammar is read once in the life of a process

        def ask() -> Rows:
            found = reader.query(order["text"], groups, WINDOW, [PLACE], now=SAME_DAY)
            return list(zip(*(_cells(found, name) for name in order["columns"]), strict=True))

        return ask


def _cells(found: Answer, name: str) -> list[Any]:
    column = found.columns[name]
    assert column is not None
    cells = found.data[column.physical]
    if name == "@log":  # the account in front of the name is ours alone
        cells = cells.str.slice(len(PLACE.account) + 1)
    return cells.to_list()


def _chunks(pattern: str) -> Iterator[pl.DataFrame]:
    for file in sorted(Path(pattern).parent.glob("*.parquet")):
        yield pl.read_parquet(file)


def _writing(folder: Path) -> tuple[Store, Lease]:
    store = open_store(StoreSettings(path=folder), SAME_DAY)
    lease = store.acquire("bench", SAME_DAY, timedelta(days=7))
    assert lease is not None
    return store, lease


def log_rows(chunk: pl.DataFrame, *, fields: bool) -> LogRows:
    """What a collector makes of the answers of FilterLogEvents."""
    parts = chunk.partition_by("log_group", maintain_order=True)
    keys = [LogGroupKey(PLACE, part["log_group"][0]) for part in parts]
    hashes = [event_hashes(key, part["event_id"]) for key, part in zip(keys, parts, strict=True)]
    frame = chunk.select(
        group=(pl.col("log_group").rle_id()).cast(pl.UInt32),
        at="at",
        ingested="ingested",
        stream="log_stream",
        event=pl.concat(hashes),
        message="message",
    )
    if not fields:
        return LogRows(tuple(keys), frame)
    found = shred(chunk["message"], chunk["log_group"].to_list())
    return LogRows(tuple(keys), frame.with_columns(found.columns), found.fields, found.more_fields)


def _sealed(folder: Path) -> dict[str, Any]:
    """The size of the same day some days later."""
    copy = folder.with_name(f"{folder.name}-sealed")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    store, lease = _writing(copy)
    started, computed = time.perf_counter(), time.process_time()
    store.upkeep.compact(lease, DAYS_LATER)
    seconds, cpu = time.perf_counter() - started, time.process_time() - computed
    [table] = [t for t in store.upkeep.stats().tables if t.table == "logs"]
    store.close()
    shutil.rmtree(copy)
    return {"sealed": seconds, "sealed_cpu": cpu, "sealed_bytes": table.bytes}


if __name__ == "__main__":
    main(Watchdeck())
