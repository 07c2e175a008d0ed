"""What log events add to metrics: exactly once, on top of what is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl
import pytest

from app.model.ids import SeriesKey
from app.model.logs import EVENT_COLUMNS, POINT_COLUMNS, LogRows
from app.model.rounds import Batch
from app.model.time import Window
from app.store import Store
from tests.store.conftest import Opener
from tests.store.log_samples import API, START, event_id, rows
from tests.store.samples import DAY, MINUTE, NOW, PROD, Writing, hold

ORDERS = SeriesKey.of(PROD, "Shop", "Orders", {})
Added = tuple[int, str, float]
"""Minutes after START, message, value."""


def of(events: Sequence[Added], *periods: int, later: timedelta = timedelta(0)) -> LogRows:
    """Events, each of which adds its value to ``Orders``, ``later`` than its own time."""
    logs = rows({API: [(minute, message) for minute, message, _ in events]})
    points = []
    for minute, message, value in events:
        at = START + minute * MINUTE
        event = event_id(API, at, message)
        points += [(event, 0, p, at + later, value, value, value, 1.0) for p in periods or (60,)]
    frame = pl.DataFrame(points, schema=POINT_COLUMNS, orient="row")
    return LogRows(logs.groups, logs.frame, points=frame)


def keep(writing: Writing, logs: LogRows, now: datetime = NOW) -> None:
    writing.commit(Batch(series=[ORDERS], logs=logs), now=now)


def found(store: Store, period: int = 60) -> list[tuple[int, float, float, float, float]]:
    """Slots as seconds after START, with the four values, from the segments."""
    ids = [store.series.find(places=[PROD], namespace="Shop")["series"].item()]
    window = Window(START - 20 * DAY, NOW + DAY)
    frame = store.points(ids, window, period).collect()
    return [
        (round((at - START).total_seconds()), *values)
        for at, *values in frame.select(
            "at", "sum", "minimum", "maximum", "sample_count"
        ).iter_rows()
    ]


def test_values_of_one_minute_are_one_row(writing: Writing) -> None:
    keep(writing, of([(0, "a", 5.0), (0, "b", 2.0), (1, "c", 7.0)]))
    assert found(writing.store) == [(0, 7.0, 2.0, 5.0, 2.0), (60, 7.0, 7.0, 7.0, 1.0)]


def test_a_line_that_is_read_again_counts_once(writing: Writing) -> None:
    for _ in range(3):
        keep(writing, of([(0, "a", 5.0)]))
    keep(writing, of([(0, "b", 1.0), (0, "a", 5.0), (0, "b", 1.0)]))
    assert found(writing.store) == [(0, 6.0, 1.0, 5.0, 2.0)]


def test_a_late_line_adds_to_its_minute(writing: Writing) -> None:
    keep(writing, of([(0, "a", 5.0), (1, "b", 1.0)]))
    keep(writing, of([(0, "late", 3.0), (0, "a", 5.0)]))
    assert found(writing.store) == [(0, 8.0, 3.0, 5.0, 2.0), (60, 1.0, 1.0, 1.0, 1.0)]


def test_what_is_in_memory_is_what_is_stored(writing: Writing) -> None:
    writing.store.head()
    keep(writing, of([(0, "a", 5.0)]))
    keep(writing, of([(0, "late", 3.0), (2, "b", 1.0)]))
    ids = [writing.store.series.find(places=[PROD], namespace="Shop")["series"].item()]
    grid = writing.store.head().grid(ids, Window(START, START + 3 * MINUTE), 60)
    assert grid.sum[0].tolist()[::2] == [8.0, 1.0]
    assert grid.sample_count[0].tolist() == [2.0, 0.0, 1.0]


def test_a_minute_that_is_older_than_memory_adds_up_too(writing: Writing) -> None:
    keep(writing, of([(0, "now", 1.0)]))
    writing.store.head()
    long_ago = -3 * 24 * 60
    keep(writing, of([(long_ago, "a", 5.0)]))
    keep(writing, of([(long_ago, "b", 2.0), (0, "c", 2.0)]))
    past = long_ago * 60
    assert found(writing.store) == [(past, 7.0, 2.0, 5.0, 2.0), (0, 3.0, 1.0, 2.0, 2.0)]


def test_a_new_process_adds_to_what_is_there_and_counts_nothing_twice(opener: Opener) -> None:
    first = opener()
    writing = hold(first)
    keep(writing, of([(0, "a", 5.0)]))
    first.release(writing.lease)
    second = hold(opener(), "second")
    keep(second, of([(0, "a", 5.0), (0, "b", 1.0)]))
    assert found(second.store) == [(0, 6.0, 1.0, 5.0, 2.0)]


def test_after_merging_it_still_adds_up(writing: Writing) -> None:
    keep(writing, of([(0, "a", 5.0)]))
    keep(writing, of([(0, "b", 1.0)]))
    writing.store.upkeep.compact(writing.lease, NOW)
    keep(writing, of([(0, "c", 4.0), (0, "a", 5.0), (0, "b", 1.0)]))
    assert found(writing.store) == [(0, 10.0, 1.0, 5.0, 3.0)]


def test_an_event_that_was_kept_before_anything_asked_for_the_metric_adds_nothing(
    writing: Writing,
) -> None:
    writing.commit(Batch(logs=rows({API: [(0, "a")]})))
    keep(writing, of([(0, "a", 5.0), (0, "b", 1.0)]))
    assert found(writing.store) == [(0, 1.0, 1.0, 1.0, 1.0)]


def test_points_may_be_dated_otherwise_than_their_event(writing: Writing) -> None:
    keep(writing, of([(0, "a", 5.0)], later=-MINUTE))
    keep(writing, of([(0, "a", 5.0), (1, "b", 1.0)], later=-MINUTE))
    assert found(writing.store) == [(-60, 5.0, 5.0, 5.0, 1.0), (0, 1.0, 1.0, 1.0, 1.0)]


def test_points_without_an_event_always_count(writing: Writing) -> None:
    point = (None, 0, 60, START, 2.0, 2.0, 2.0, 1.0)
    points = pl.DataFrame([point, point], schema=POINT_COLUMNS, orient="row")
    for _ in range(2):
        keep(writing, LogRows((), pl.DataFrame(schema=EVENT_COLUMNS), points=points))
    assert found(writing.store) == [(0, 8.0, 2.0, 2.0, 4.0)]


def test_shorter_slots_stand_beside_minutes(writing: Writing) -> None:
    keep(writing, of([(0, "a", 5.0)], 60, 10))
    keep(writing, of([(0, "b", 1.0)], 60, 10, later=timedelta(seconds=25)))
    assert found(writing.store) == [(0, 6.0, 1.0, 5.0, 2.0)]
    assert found(writing.store, 10) == [(0, 5.0, 5.0, 5.0, 1.0), (20, 1.0, 1.0, 1.0, 1.0)]


def test_a_commit_that_fails_adds_nothing(writing: Writing) -> None:
    keep(writing, of([(0, "a", 5.0)]))
    bad = of([(0, "b", 1.0)])
    with pytest.raises(ValueError, match="series that the batch does not hold"):
        writing.commit(Batch(logs=bad))
    keep(writing, bad)
    assert found(writing.store) == [(0, 6.0, 1.0, 5.0, 2.0)]
