"""A process that commits, merges and removes until somebody kills it.

Run as ``python -m tests.store.victim``. It reads one line (path, address of the
catalog or nothing, endpoint of a bucket or nothing, with tabs between), then
writes ``a`` after each commit, and ``c`` and ``r`` before each compaction and
retention. Every step is an hour of time.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from app.config import Secret, StoreSettings
from app.model.ids import Place, SeriesKey
from app.model.logs import EVENT_COLUMNS, LogGroupKey, LogRows
from app.model.rounds import Batch, Covered, Settledness
from app.model.spend import SpendDimension as D
from app.model.spend import SpendSource, SpendStatement, StagedSpend
from app.model.time import Window
from app.model.traces import OwedTrace, TraceDocuments
from app.store import Lease, Store, open_store
from tests.store.samples import points
from tests.support.spend import Charge, statement
from tests.support.traces import Documents, handed_over, trace_id

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLACE = Place("111111111111", "eu-central-1")
GROUP = "victim"
KEYS = tuple(
    SeriesKey.of(PLACE, "AWS/Lambda", "Invocations", {"FunctionName": f"fn-{n}"}) for n in range(3)
)
GROUPS = tuple(LogGroupKey(PLACE, f"/victim/{n}") for n in range(2))
KEPT = timedelta(days=4)
MERGE_EVERY, REMOVE_EVERY, STAGE_EVERY = 7, 11, 5


BUCKET = "victims"


def settings_of(path: str, catalog: str = "", endpoint: str = "") -> StoreSettings:
    """Of a store in a folder, or in the bucket of an endpoint with copies in the folder."""
    kept = dict.fromkeys(
        ("metrics", "metric_stats", "logs", "traces", "trace_spans", "rounds", "transitions"), KEPT
    )
    settings = StoreSettings(
        path=Path(path), catalog=Secret(catalog) if catalog else None, retention=kept
    )
    if not endpoint:
        return settings
    return settings.model_copy(
        update={
            "bucket": f"s3://{BUCKET}/deck",
            "bucket_endpoint": endpoint,
            "bucket_access_key_id": "AKIDEXAMPLE",
            "bucket_secret_access_key": Secret("made-up"),
        }
    )


def step_batch(step: int) -> Batch:
    """The slot of this step with value ``step``, and the one before corrected to ``-step``."""
    rows = [(n, START + step * HOUR, float(step)) for n in range(len(KEYS))]
    if step:
        rows += [(n, START + (step - 1) * HOUR, -float(step)) for n in range(len(KEYS))]
    window = Window(START + step * HOUR, START + (step + 1) * HOUR)
    covered = [Covered(PLACE, GROUP, window, Settledness.SETTLED)]
    return Batch(
        frames={"metrics": points(rows, 3600)},
        series=KEYS,
        covered=covered,
        logs=step_logs(step),
        spend=[step_spend(step, D.SERVICE)],
        traces=step_traces(step),
        traces_owed=[step_owed(step)],
        traces_settled=[step_owed(step - 1)] if step else [],
    )


def step_spend(step: int, *cut: D) -> SpendStatement:
    """A day of its own with so many dollars."""
    start = START + step * timedelta(days=1)
    charge = Charge(start.date().isoformat(), str(step))
    source = SpendSource.CE if cut else SpendSource.CUR
    return statement([charge], Window(start, start + timedelta(days=1)), start, *cut, source=source)


def staged(store: Store, step: int) -> StagedSpend:
    """The same as line items that are written before they are committed."""
    told = step_spend(step)
    intake = store.spend.intake(told)
    intake.add(told.rows)
    return intake.finished()


def step_logs(step: int) -> LogRows:
    """Events of this step, and once more those of the two steps before."""
    found = [
        (group, at, at, "stream", number * 100 + group, f"{number} of {group}")
        for number in range(max(0, step - 2), step + 1)
        for group in range(len(GROUPS))
        for at in [START + number * HOUR + timedelta(minutes=group)]
    ]
    return LogRows(GROUPS, pl.DataFrame(found, schema=EVENT_COLUMNS, orient="row"))


def step_owed(step: int) -> OwedTrace:
    """The trace that lacks its second segment until the next step."""
    return OwedTrace(trace_id(step), PLACE, START + step * HOUR)


def step_traces(step: int) -> list[TraceDocuments]:
    """The first segment of this step's trace, and the second of the one before."""
    return [
        handed_over(Documents(trace_id(number), START + number * HOUR).segment(name, id=own))
        for number, name, own in ((step, "first", "1" * 16), (step - 1, "second", "2" * 16))
        if number >= 0
    ]


def next_step(store: Store) -> int:
    """Where the coverage ends."""
    answered = store.coverage(PLACE, GROUP).answered
    return (answered.windows[-1].end - START) // HOUR if answered else 0


def run(store: Store, lease: Lease) -> None:
    step = next_step(store)
    while True:
        now = START + (step + 1) * HOUR
        large = [staged(store, step)] if step % STAGE_EVERY == 0 else []
        batch = replace(step_batch(step), staged_spend=large)
        store.commit(batch, lease=lease, now=now)
        say(b"a")
        step += 1
        if step % MERGE_EVERY == 0:
            say(b"c")
            store.upkeep.compact(lease, now)
        if step % REMOVE_EVERY == 0:
            say(b"r")
            store.upkeep.retain(lease, now)


def say(mark: bytes) -> None:
    os.write(1, mark)


def main() -> None:
    path, catalog, endpoint = sys.stdin.readline().rstrip("\n").split("\t")
    store = open_store(settings_of(path, catalog, endpoint), START)
    lease = store.acquire("victim", START, timedelta(days=365))
    assert lease is not None
    run(store, lease)


if __name__ == "__main__":
    main()
