"""However the events lie and however they are read, the answer is the same; limits are named."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence

import polars as pl
import pytest

from app.query.insights import Answer, Found, Limits, Need, Part, Scanned, Watch, answer, explain
from app.query.insights.check import check
from app.query.insights.events import as_frame, with_fields
from app.query.insights.execution import Execution
from app.query.insights.functions import Clock
from app.query.insights.limits import Guard
from app.query.insights.memory import MemorySource
from app.query.insights.parse import parse

START = 1_700_000_000_000
EVENTS = 600
CLOCK = Clock(START + 3_600_000, START, START + 3_600_000)
MUCH, LITTLE = 200_000_000, 1_000


def events(*, ties: bool) -> list[dict[str, object]]:
    """Ten minutes, an event each second; with ties every fifth has the time of the one before."""
    found: list[dict[str, object]] = []
    for n in range(EVENTS):
        line: dict[str, object] = {"n": n, "user": f"u{n % 7}", "ms": n % 50}
        if n % 11 == 0:
            line["level"] = "ERROR"
        if n % 3 == 0:
            line["code"] = f"{n % 4}" if n < 200 else n % 4
        at = START + 1000 * (n - (ties and n > 0 and n % 5 == 0))
        found.append({"timestamp": at, "message": json.dumps(line), "logGroup": f"/g{n % 2}"})
    return found


class Shelf:
    """Events in parts: slices of time, or dealt out one by one, so that all parts overlap."""

    def __init__(self, parts: int, size: int, *, dealt: bool, passed: int = 0) -> None:
        self._parts, self._size, self._dealt, self._passed = parts, size, dealt, passed
        self.frame = as_frame(events(ties=not dealt))

    def group_names(self) -> list[str]:
        return ["/g0", "/g1"]

    def window(self) -> tuple[int, int]:
        return START, START + 3_600_000

    def read(self, need: Need) -> Found:
        parts = [self._part(some, need) for some in self._slices()]
        return Found(tuple(sorted(parts, key=lambda part: -part.newest_ms)))

    def _slices(self) -> list[pl.DataFrame]:
        if self._dealt:
            shuffled = self.frame.sample(fraction=1, shuffle=True, seed=4)
            return [shuffled.gather_every(self._parts, start) for start in range(self._parts)]
        rows = EVENTS // self._parts
        return [self.frame.slice(rows * n, rows) for n in range(self._parts)]

    def _part(self, frame: pl.DataFrame, need: Need) -> Part:
        inside = frame.filter(pl.col("timestamp").is_between(need.start_ms, need.end_ms))
        if need.groups is not None:
            inside = inside.filter(pl.col("logGroup").is_in(list(need.groups)))
        read, columns = with_fields(inside, need.fields, need.look)
        oldest, newest = frame["timestamp"].min(), frame["timestamp"].max()
        assert isinstance(oldest, int)
        assert isinstance(newest, int)
        rows, much = frame.height, self._size == MUCH
        return Part(
            read.lazy(),
            columns,
            oldest,
            newest,
            rows,
            self._size,
            parses=much,
            passed=self._passed,
        )


SHELVES = {
    "little, in slices": Shelf(6, LITTLE, dealt=False),
    "little, dealt out": Shelf(6, LITTLE, dealt=True),
    "much, in slices": Shelf(6, MUCH, dealt=False),
    "much, dealt out": Shelf(6, MUCH, dealt=True),
}
QUERIES = (
    "fields @timestamp, n | sort @timestamp desc | limit 7",
    "filter level = 'ERROR' | fields n, code",
    "filter level = 'ERROR' | fields n | limit 3",
    "fields n, ms | sort ms desc, n asc | limit 12",
    "fields n | sort ms | limit 9",
    "limit 4 | sort n desc | display n",
    "fields user, n | dedup user",
    "fields n | dedup ms, user | limit 5",
    "stats count(*) as c, max(n), avg(ms) by user",
    "filter level = 'ERROR' | stats count(*) as c by bin(1m)",
    "filter level = 'ERROR' | stats pct(ms, 90), values(user)",
    "filter ms < 20 | stats latest(n), earliest(n) by code",
    "filter n > 10 | fields n % 5 as rest | stats sum(n) by rest | sort rest",
    "filter n > 300 | fields n | accum n as total | limit 20",
    "filter level like 'ERR' | countFrequent user",
    "filter @message like 'ERROR' | pattern @message",
    "filter code = 1 | display code, n | sort n",
    "filter user in (SOURCE '/g0' | filter n = 14 | fields user) | stats count(*)",
    "parse @message '\"n\": *,' as found | filter found > 580 | display found",
    "filter level = 'ERROR' | sort @timestamp asc | display n | limit 2",
    "filter nothing = 1 | stats count(*)",
    "filter nothing = 1",
    "filter level = 'ERROR' | diff",
)


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("name", SHELVES)
def test_the_answer_does_not_depend_on_how_events_lie(name: str, text: str) -> None:
    shelf = SHELVES[name]
    whole = answer(text, MemorySource(shelf.frame), clock=CLOCK).result()
    found = answer(text, shelf, clock=CLOCK).result()
    assert (found.columns, found.rows) == (whole.columns, whole.rows)


def test_reading_ends_when_no_older_event_can_change_the_answer() -> None:
    found = answer("fields n | limit 20", SHELVES["much, in slices"], clock=CLOCK)
    assert (found.scanned.parts, found.scanned.rows) == (1, 100)
    [skipped] = found.scanned.skipped
    assert (skipped.why, skipped.parts, skipped.rows) == ("newer events are enough", 5, 500)


def test_a_few_rows_that_are_still_wanted_are_looked_for_in_a_few_parts() -> None:
    shelf = Shelf(60, 5_000_000, dealt=False)
    found = answer("filter @message like 'n' | limit 90", shelf, clock=CLOCK)
    assert (found.data.height, found.scanned.parts) == (90, 10)


def test_rows_that_are_decoded_on_the_way_count_when_parts_are_chosen() -> None:
    shelf = Shelf(60, 100, dealt=False, passed=2_000_000)
    found = answer("filter @message like 'n' | limit 15", shelf, clock=CLOCK)
    assert (found.data.height, found.scanned.parts) == (15, 2)


def test_a_part_that_may_hold_an_event_of_the_same_time_is_read() -> None:
    text = "fields n | limit 100"
    found = answer(text, SHELVES["much, in slices"], clock=CLOCK)
    assert found.scanned.parts == 2
    any_found = answer("fields n | limit any 100", SHELVES["much, in slices"], clock=CLOCK)
    assert (any_found.scanned.parts, any_found.data.height) == (1, 100)


def test_a_dedup_ends_when_it_has_enough() -> None:
    found = answer("dedup user | limit 3", SHELVES["much, in slices"], clock=CLOCK)
    assert (found.scanned.parts, found.data.height) == (1, 3)


def test_more_rows_than_are_shown_are_told() -> None:
    source = SHELVES["little, in slices"]
    cut = answer("fields n", source, clock=CLOCK, limits=Limits(rows=50))
    assert (cut.data.height, cut.more) == (50, True)
    exact = answer("stats count(*) by n", source, clock=CLOCK, limits=Limits(rows=600))
    assert (exact.data.height, exact.more) == (600, False)
    asked = answer("fields n | limit 50", source, clock=CLOCK, limits=Limits(rows=50))
    assert (asked.data.height, asked.more) == (50, False)


COUNTS = "filter ms >= 0 | stats count(*) as c"


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(bytes=450_000_000), "the limit of 450 MB to read"),
        (Limits(events=250), "the limit of 250 events to read"),
    ],
)
@pytest.mark.parametrize("text", [COUNTS, "stats count(*) as c", "fields n", "sort n asc"])
def test_what_may_be_read_is_read_newest_first(limits: Limits, name: str, text: str) -> None:
    found = answer(text, SHELVES["much, in slices"], clock=CLOCK, limits=limits)
    assert (found.scanned.stopped, found.scanned.rows) == (name, 200)
    assert found.scanned.since_ms == START + 1000 * 399 + 1
    if text.endswith("as c"):
        assert found.result().rows == [[200]]
    else:
        assert found.data.height == 200


def test_a_limit_that_the_answer_does_not_need_is_not_reached() -> None:
    limits = Limits(events=250)
    found = answer("fields n | limit 5", SHELVES["much, in slices"], clock=CLOCK, limits=limits)
    assert (found.scanned.stopped, found.data.height) == ("", 5)


def guarded(text: str, guard: Guard, source: Shelf = SHELVES["much, in slices"]) -> Answer:
    query = parse(text)
    check(query)
    return Execution(source, CLOCK, {}, None, guard).answer(query)


class Ticking:
    """A clock that goes on by one with each look."""

    def __init__(self) -> None:
        self._now = 0

    def __call__(self) -> int:
        self._now += 1
        return self._now


@pytest.mark.parametrize("text", [COUNTS, "fields n | sort n asc"])
def test_a_time_limit_leaves_an_answer_that_is_whole_since_some_time(text: str) -> None:
    guard = Guard(Limits(seconds=14), Watch(), seconds=Ticking())
    found = guarded(text, guard)
    assert found.scanned.stopped == "the limit of 14 s"
    assert 0 < found.scanned.rows < EVENTS
    assert found.scanned.since_ms is not None
    whole = SHELVES["much, in slices"].frame["timestamp"] >= found.scanned.since_ms
    assert found.scanned.rows - 1 <= whole.sum() <= found.scanned.rows
    counted = found.result().rows[0][0] if text is COUNTS else found.data.height
    assert counted == found.scanned.rows


def test_a_memory_limit_is_named() -> None:
    looks = Ticking()
    guard = Guard(Limits(memory=5_000_000), Watch(), memory=lambda: 400_000 * looks())
    found = guarded(COUNTS, guard)
    assert found.scanned.stopped == "the limit of 5 MB of memory"
    assert 0 < found.scanned.rows < EVENTS


def given_up(text: str) -> Answer:
    """A query that is given up as soon as it tells that something was read."""
    cancel = threading.Event()

    def tell(scanned: Scanned) -> None:
        if scanned.parts:
            cancel.set()

    return guarded(text, Guard(Limits(), Watch(tell, cancel)))


@pytest.mark.parametrize(
    "text",
    [
        COUNTS,
        "filter n < 0",
        "sort n asc",
        "filter n > 0 | dedup n",
        pytest.param("stats count(*) by @message", id="in one plan"),
        pytest.param("filter n in (SOURCE '/g0' | filter ms > 5 | fields n)", id="nested"),
        pytest.param("filter n > 5 | diff", id="two windows"),
    ],
)
def test_who_gives_up_gets_nothing(text: str) -> None:
    found = given_up(text)
    assert (found.scanned.stopped, found.data.height) == ("cancelled", 0)
    assert found.scanned.rows < EVENTS
    assert found.scanned.since_ms is None


@pytest.mark.parametrize("text", [COUNTS, "stats count(*) by @message", "filter n < 0"])
def test_somebody_who_waits_is_told_part_by_part(text: str) -> None:
    told: list[tuple[int, int]] = []

    def tell(scanned: Scanned) -> None:
        told.append((scanned.rows, scanned.of_rows))

    guarded(text, Guard(Limits(), Watch(tell)))
    assert len(set(told)) > 2
    assert told[-1] == (EVENTS, EVENTS)


def explained(text: str, source: Shelf) -> Sequence[str]:
    return explain(text, source, clock=CLOCK).steps


def test_an_explanation_says_what_is_known_and_how_is_read() -> None:
    assert explained("filter level = 'ERROR' | limit 5", SHELVES["much, in slices"]) == (
        "asks all log groups from 2023-11-14T22:13:20+00:00 to 2023-11-14T23:13:20+00:00",
        'knows before it reads that level = "ERROR"',
        (
            "reads 600 events (1.2 GB of messages) of 6 segments "
            "newest first, until no older event can change the answer"
        ),
        "takes the messages of 600 events apart for fields that have no column",
    )


@pytest.mark.parametrize(
    ("text", "way"),
    [
        (COUNTS, "batch by batch, newest first"),
        ("stats count(*) by @message", "in one plan"),
        ("sort n", "batch by batch, newest first"),
        ("filter n in (SOURCE '/g0' | fields n) | stats count(*)", "batch by batch, newest first"),
        ("filter n > 0 | pattern @message", "batch by batch, newest first"),
        ("filter n > 0 | diff", "batch by batch, newest first"),
    ],
)
def test_an_explanation_names_the_way(text: str, way: str) -> None:
    assert any(step.endswith(way) for step in explained(text, SHELVES["much, in slices"]))


def test_an_explanation_reads_nothing() -> None:
    class Untouchable(Shelf):
        def _part(self, frame: pl.DataFrame, need: Need) -> Part:
            part = super()._part(frame, need)

            def touch(piece: pl.DataFrame) -> pl.DataFrame:
                raise AssertionError("an event was read")

            return Part(
                part.frame.map_batches(touch),
                part.columns,
                part.oldest_ms,
                part.newest_ms,
                part.rows,
                part.bytes,
            )

    explained("filter n > 0 | stats count(*) by n", Untouchable(6, MUCH, dealt=False))
