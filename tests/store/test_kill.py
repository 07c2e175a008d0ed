"""kill -9 at any moment: no gap, no duplicate, nothing unreadable, nothing lost."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from app.config import StoreSettings
from app.model.spend import UNITS_PER_USD
from app.model.time import Window, epoch_ms
from app.store import Piece, Store, open_store
from tests.store.victim import (
    BUCKET,
    GROUP,
    GROUPS,
    HOUR,
    KEYS,
    PLACE,
    STAGE_EVERY,
    START,
    next_step,
    settings_of,
    step_owed,
)
from tests.support import postgres
from tests.support.moto_aws import REGION, MotoAws, moto_server
from tests.support.traces import trace_id

ROOT = Path(__file__).parents[2]
AIMS = 2 * ("any", "c", "a", "r")
MARKS = {"any": 12, "a": 12, "c": 2, "r": 2}
"""So many marks of its kind are waited for at the most."""
SPREAD_S = {"any": 0.08, "a": 0.05, "c": 0.06, "r": 0.02}
"""How long after the mark the kill comes at the most: as long as what follows it takes."""

EVER = Window(START, START + 100_000 * HOUR)


@dataclass(slots=True)
class Lane:
    """One store that process after process writes to and dies."""

    path: Path
    catalog: str = ""
    endpoint: str = ""
    aims: tuple[str, ...] = AIMS
    acknowledged: int = 0
    killed_in: Counter[str] = field(default_factory=Counter)

    @property
    def settings(self) -> StoreSettings:
        return settings_of(str(self.path), self.catalog, self.endpoint)


def start() -> subprocess.Popen[bytes]:
    """A process that is importing already and waits to be told its store."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.victim"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )


def suffer(lane: Lane, seed: int) -> None:
    """Kill one process after another at a moment drawn from ``seed``, and look each time."""
    draw = random.Random(seed)
    following = start()
    for aim in lane.aims:
        victim, following = following, start()
        said = kill(victim, lane, aim, draw)
        lane.acknowledged += said.count(b"a")
        lane.killed_in[phase(said)] += 1
        inspect(lane)
    following.kill()
    following.communicate()


def kill(victim: subprocess.Popen[bytes], lane: Lane, aim: str, draw: random.Random) -> bytes:
    """Let the victim work, kill it, and give back all that it said.

    ``any`` kills at some time after the first commit; a letter kills a few
    milliseconds after that mark, so that every phase is hit.
    """
    assert victim.stdin is not None
    assert victim.stdout is not None
    victim.stdin.write(f"{lane.path}\t{lane.catalog}\t{lane.endpoint}\n".encode())
    marks = draw.randint(1, MARKS[aim])
    wanted, said = (b"a" if aim == "any" else aim.encode()), b""
    while said.count(wanted) < marks:
        some = victim.stdout.read(1)
        if not some:
            raise AssertionError(victim.communicate()[1].decode())
        said += some
    try:
        victim.wait(timeout=draw.uniform(0, SPREAD_S[aim]))
    except subprocess.TimeoutExpired:
        victim.kill()
    rest, errors = victim.communicate()
    assert errors == b"", errors.decode()
    return said + rest


def phase(said: bytes) -> str:
    """What the victim was doing last."""
    return {"a": "commit", "c": "compaction", "r": "retention"}[chr(said[-1])]


def inspect(lane: Lane) -> None:
    """Open the store as the next process would, and compare it with what it must be."""
    store = open_store(lane.settings, START)
    try:
        steps = next_step(store)
        # One commit more than was acknowledged may stand: the process died before it said so.
        assert lane.acknowledged <= steps <= lane.acknowledged + 1
        lane.acknowledged = steps
        assert store.opened.quarantined == ()
        assert store.upkeep.verify().ok
        check_rows(store, steps)
        check_events(store, steps)
        check_spend(store, steps)
        check_traces(store, steps)
        check_files(lane, store)
    finally:
        store.close()


def check_rows(store: Store, steps: int) -> None:
    """Every covered slot has one row a series with the newest value, and there is no other."""
    (answered,) = store.coverage(PLACE, GROUP).answered
    assert answered.end == START + steps * HOUR
    ids = store.series.ids(KEYS)
    found = store.points(ids, EVER).select("series", "at", "sum").collect()
    newest = START + (steps - 1) * HOUR
    for series in ids.tolist():
        rows = found.filter(series=series)
        slots = rows["at"].to_list()
        assert slots == sorted(set(slots))
        covered = [slot for slot in slots if slot in answered]
        assert len(covered) == answered.length / HOUR
        expected = [float(steps - 1) if s == newest else -((s - START) / HOUR + 1) for s in slots]
        assert rows["sum"].to_list() == expected


def check_events(store: Store, steps: int) -> None:
    """Every event of the covered time is there, and none is there twice."""
    (answered,) = store.coverage(PLACE, GROUP).answered
    first = (answered.start - START) // HOUR
    for group, key in enumerate(GROUPS):
        found = store.logs.segments(epoch_ms(EVER.start), epoch_ms(EVER.end), [key])
        frames = [store.logs.scan(segment, ["message"]).collect() for segment in found]
        texts = Counter(text for frame in frames for text in frame["message"])
        assert max(texts.values()) == 1
        assert {f"{number} of {group}" for number in range(first, steps)} <= texts.keys()


def check_spend(store: Store, steps: int) -> None:
    """Each step has told its day, some of them twice, with all of its rows and no other."""
    told = store.spend.statements()
    pieces = [Piece(part.id, each.window) for each in told for part in each.parts]
    found = store.spend.rows(pieces).select("at", "unblended").sort("at").collect()
    days = [(START + n * timedelta(days=1), n * UNITS_PER_USD) for n in range(steps)]
    assert found.rows() == sorted([*days, *days[::STAGE_EVERY]])


def check_traces(store: Store, steps: int) -> None:
    """Each trace of the covered time is whole: both of its segments, but for the newest one."""
    (answered,) = store.coverage(PLACE, GROUP).answered
    numbers = range((answered.start - START) // HOUR, steps)
    ids = {trace_id(number): number for number in numbers}
    # What is owed was kept with the commit that left it open, and only with that.
    assert store.trace_book.owed(PLACE) == [step_owed(steps - 1)]
    spans = store.traces.spans(ids=ids).select("trace_id", "name").collect()
    names = spans.group_by("trace_id").agg(pl.col("name").sort())
    found = {ids[id_]: told for id_, told in names.iter_rows()}
    assert found == {n: ["first", "second"] if n < steps - 1 else ["first"] for n in numbers}
    assert store.traces.traces(ids=ids).collect().height == len(ids)


def check_files(lane: Lane, store: Store) -> None:
    """There is no file that the catalog does not list."""
    stats = store.upkeep.stats()
    listed = sum(t.fresh + t.merged + t.sealed for t in stats.tables) + stats.waiting_segments
    assert len(kept(lane)) == listed
    assert [p for p in (lane.path / "tmp").rglob("*") if p.name != "lock" and p.is_file()] == []


def kept(lane: Lane) -> list[str]:
    """The segments where they are kept for good."""
    if not lane.endpoint:
        return [str(path) for path in (lane.path / "segments").rglob("*.parquet")]
    pages = MotoAws(lane.endpoint).client("s3").get_paginator("list_objects_v2")
    found = [o["Key"] for page in pages.paginate(Bucket=BUCKET) for o in page.get("Contents", ())]
    return [name for name in found if name.startswith("deck/segments/")]


@pytest.mark.slow
@pytest.mark.xdist_group("kill-bucket")
def test_killed_at_any_moment_a_store_in_a_bucket_stays_whole(tmp_path: Path) -> None:
    with moto_server() as moto:
        where = {"LocationConstraint": REGION}
        moto.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
        lane = Lane(tmp_path / "copies", endpoint=moto.url, aims=2 * ("c", "a", "r"))
        suffer(lane, seed=1)
    assert lane.killed_in.total() == 6
    assert set(lane.killed_in) == {"commit", "compaction", "retention"}


@pytest.mark.slow
@pytest.mark.postgres
def test_killed_at_any_moment_a_store_stays_whole(
    tmp_path: Path, postgres_server: postgres.Postgres
) -> None:
    database = postgres_server.new_database()
    lanes = [
        Lane(tmp_path / "one"),
        Lane(tmp_path / "two"),
        Lane(tmp_path / "three"),
        Lane(tmp_path / "four", postgres_server.url(database)),
    ]
    with ThreadPoolExecutor(len(lanes)) as pool:
        list(pool.map(suffer, lanes, range(len(lanes))))
    killed = sum((lane.killed_in for lane in lanes), Counter[str]())
    assert killed.total() == len(lanes) * len(AIMS)
    # The schedule is of no use if it misses a phase.
    assert min(killed[name] for name in ("commit", "compaction", "retention")) >= 2
    postgres_server.drop(database)
