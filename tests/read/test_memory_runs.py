"""Memory sizes of a function, told by the lines that Lambda writes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl

from app.config import StoreSettings
from app.model.hashing import event_hashes
from app.model.logs import EVENT_COLUMNS, LogGroupKey, LogRows
from app.model.rounds import Batch
from app.model.time import Window
from app.query.insights.shred import shred
from app.read.logs import LogsReader
from app.read.memory_runs import memory_runs
from app.read.spend import MemoryRun, PriceBook, compare_memory, seed_prices
from app.store import open_store
from tests.support.shelf import HOME, NOW

GROUP = LogGroupKey(HOME, "/aws/lambda/f")


def report(billed: int, memory: int) -> str:
    return (
        f"REPORT RequestId: 8286a188-ba32-4475-8077-530cd35c09a9\tDuration: {billed - 0.5} ms\t"
        f"Billed Duration: {billed} ms\tMemory Size: {memory} MB\tMax Memory Used: 67 MB\t"
    )


def test_what_a_change_of_memory_did_is_told_from_the_log(tmp_path: Path) -> None:
    """Twice with 512 MB, then three times with 1024."""
    lines = [report(900, 512), report(1100, 512), *[report(400, 1024)] * 3, "an own line"]
    start = NOW - timedelta(hours=1)
    times = [start + timedelta(minutes=at) for at in range(len(lines))]
    messages = pl.Series("message", lines)
    found = shred(messages, [GROUP.name] * len(lines))
    frame = pl.DataFrame(
        {
            "group": [0] * len(lines),
            "at": times,
            "ingested": times,
            "stream": ["s"] * len(lines),
            "event": event_hashes(GROUP, pl.Series([f"{at}{m}" for at, m in enumerate(lines)])),
            "message": messages,
        },
        schema=EVENT_COLUMNS,
    )
    store = open_store(StoreSettings(path=tmp_path), NOW)
    lease = store.acquire("tests", NOW, timedelta(hours=1))
    assert lease is not None
    rows = LogRows((GROUP,), frame.with_columns(found.columns), found.fields)
    store.commit(Batch(logs=rows), lease=lease, now=NOW)
    window = Window(start, NOW)
    before, after = memory_runs(LogsReader(store), GROUP.name, window, [HOME], NOW)
    store.close()
    assert (before, after) == (MemoryRun(512, 1000.0, 2), MemoryRun(1024, 400.0, 3))
    assert compare_memory(PriceBook(seed_prices()), before, after).is_cheaper
