"""Many at once: commits, merges, readers in this process and in another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np

from app.model.time import Window
from tests.store.conftest import Opener
from tests.store.samples import DAY, HOUR, MINUTE, NOW, Writing, batch, hold, key

START = NOW - DAY
SPAN = Window(START - HOUR, NOW + HOUR)
SERIES = 3
COMMITS = 24


@contextmanager
def repeated(work: Callable[[], None], until: threading.Event) -> Iterator[list[int]]:
    """``work`` again and again in a thread of its own; how often, and its errors at the end."""
    rounds = [0]

    def run() -> None:
        while not until.is_set():
            work()
            rounds[0] += 1

    with ThreadPoolExecutor(1) as pool:
        running: Future[None] = pool.submit(run)
        try:
            yield rounds
        finally:
            until.set()
        running.result()


def fill(writing: Writing, writer: int) -> None:
    """Each writer has its own series; each commit repeats the slot before with a new value."""
    keys = [key(100 * writer + number) for number in range(SERIES)]
    for number in range(COMMITS):
        slots = [(number - 1, -1.0), (number, float(number))] if number else [(0, 0.0)]
        rows = [(n, START + slot * MINUTE, v) for n in range(SERIES) for slot, v in slots]
        writing.commit(batch(rows, keys=keys))


def expected() -> list[float]:
    return [-1.0] * (COMMITS - 1) + [float(COMMITS - 1)]


def test_readers_see_whole_commits_while_segments_are_merged(opener: Opener) -> None:
    writing, reader = hold(opener()), opener(writer=False)
    done = threading.Event()

    def read() -> None:
        reader.refresh()
        ids = reader.series.find()["series"]
        if ids.is_empty():
            return
        frame = reader.points(ids, SPAN).collect(engine="streaming")
        counts = frame.group_by("series", maintain_order=True).len()["len"].to_list()
        # A commit brings one more slot to all of a writer's series at once.
        assert all(len(set(counts[i : i + SERIES])) == 1 for i in range(0, len(counts), SERIES))
        assert frame.select("series", "at").is_unique().all()

    def merge() -> None:
        writing.store.upkeep.compact(writing.lease, NOW)

    with (
        repeated(read, done) as reads,
        repeated(merge, done) as merges,
        ThreadPoolExecutor(3) as pool,
    ):
        list(pool.map(lambda writer: fill(writing, writer), range(3)))
    assert reads[0] > 0
    assert merges[0] > 0
    for one in (writing.store, reader):
        one.refresh()
        ids = one.series.ids([key(100 * writer) for writer in range(3)])
        frame = one.points(ids, SPAN).collect()
        assert frame["sum"].to_list() == expected() * 3


def test_the_head_equals_the_segments_after_a_busy_time(opener: Opener) -> None:
    writing, reader = hold(opener()), opener(writer=False)
    done = threading.Event()
    reader.head()
    writing.store.head()

    def follow() -> None:
        reader.refresh()
        reader.head().grid([1], SPAN, 300)

    with repeated(follow, done) as follows, ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda writer: fill(writing, writer), range(3)))
    assert follows[0] > 0
    reader.refresh()
    span = Window(START, START + COMMITS * MINUTE)
    for one in (writing.store, reader):
        ids = one.series.ids([key(100 * writer + 1) for writer in range(3)])
        found = one.head().grid(ids, span, 60)
        np.testing.assert_array_equal(found.sum, np.array([expected()] * 3))
