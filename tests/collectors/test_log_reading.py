"""What was read of a group is proven by what came, however AWS cuts its pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.aws import Pages
from app.aws.asked import Asked
from app.aws.paging import Tokens
from app.model.ids import Place
from app.model.time import Intervals, Window, epoch_ms
from collectors.log_reading import MOST_SLICES, GroupReader, Part

PLACE = Place("111111111111", "eu-central-1")
START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WINDOW = Window(START, START + timedelta(hours=1))
TOKENS = Tokens(("nextToken",), ("nextToken",))
Page = dict[str, Any]


@dataclass
class Server:
    """Answers FilterLogEvents from a list of times, in an order and pages of its own."""

    times: Sequence[int]
    order: str = "asked"
    page: int = 10
    empty_before: int = 0
    repeats: int = 0
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def pages(self, place: Place, api: str, operation: str, params: Page, **more: Any) -> Pages:
        self.asked.append(params)
        answers = iter(self._answers(params))
        ask: Callable[[Mapping[str, Any]], Page] = lambda _: next(answers)  # noqa: E731 - typed as a name
        return Pages(ask, params, TOKENS, Asked(place, api, operation), more["max_pages"])

    def _answers(self, params: Page) -> list[Page]:
        inside = [
            (ms, number)
            for number, ms in enumerate(self.times)
            if params["startTime"] <= ms <= params["endTime"]
        ]
        newest_first = params.get("startFromHead") is False and self.order == "asked"
        if self.order == "mixed":
            inside.sort(key=lambda event: event[1] * 7919 % 101)
        else:
            inside.sort(reverse=newest_first)
        events = [{"timestamp": ms, "eventId": str(n), "message": "m"} for ms, n in inside]
        chunks: list[list[Page]] = []
        for first in range(0, max(1, len(events)), self.page):
            chunks += [[]] * self.empty_before + [events[first : first + self.page]]
        answers: list[Page] = []
        for number, chunk in enumerate(chunks):
            token = {"nextToken": str(number)} if number + 1 < len(chunks) else {}
            answers.append({"events": chunk, **token})
            answers += [{"events": [], **token}] * (self.repeats if token else 0)
        return answers


def reader(server: Server, pages: int = 50) -> GroupReader:
    return GroupReader(server, PLACE, slice_pages=pages)


def read(
    server: Server, pages: int = 50, slices: int = MOST_SLICES
) -> tuple[list[str], list[Part]]:
    parts = list(reader(server, pages).read("/app", WINDOW, slices))
    return [id_ for part in parts for id_ in part.events["id"].to_list()], parts


def every(seconds: int, count: int) -> list[int]:
    return [epoch_ms(START) + 1000 * seconds * n for n in range(count)]


def test_a_short_window_is_one_call_and_wholly_read() -> None:
    server = Server(every(60, 5))
    ids, parts = read(server)
    assert sorted(ids) == ["0", "1", "2", "3", "4"]
    assert parts[-1].read == (WINDOW,)
    [asked] = server.asked
    assert asked["startFromHead"] is False
    assert (asked["startTime"], asked["endTime"]) == (
        epoch_ms(WINDOW.start),
        epoch_ms(WINDOW.end) - 1,
    )


def test_what_the_first_pages_bring_counts_as_read_and_the_rest_is_read_next() -> None:
    server = Server(every(1, 3600), page=100)
    _, parts = read(server, pages=10, slices=1)
    [one] = parts[-1].read
    assert one.end == WINDOW.end
    assert one.start == START + timedelta(seconds=2600, milliseconds=1)


def test_a_server_that_answers_oldest_first_is_believed_as_it_is() -> None:
    server = Server(every(1, 3600), order="oldest first", page=100)
    _, parts = read(server, pages=10, slices=1)
    [one] = parts[-1].read
    assert (one.start, one.end) == (WINDOW.start, START + timedelta(seconds=999))


def test_where_no_order_can_be_seen_the_window_is_cut_in_halves() -> None:
    server = Server(every(10, 360), order="mixed", page=20)
    ids, parts = read(server, pages=10)
    assert set(ids) == {str(n) for n in range(360)}
    assert Intervals.of(parts[-1].read) == Intervals.of([WINDOW])
    assert len(server.asked) > 2


def test_very_many_events_of_one_moment_are_read_to_the_end() -> None:
    server = Server([epoch_ms(START) + 5] * 700, page=10)
    ids, parts = read(server, pages=20, slices=30)
    assert len(set(ids)) == 700
    assert Intervals.of(parts[-1].read) == Intervals.of([WINDOW])


def test_a_token_that_never_changes_proves_nothing() -> None:
    server = Server(every(60, 50), page=10, repeats=30)
    _, parts = read(server, slices=1)
    [one] = parts[-1].read
    assert one.start > START + 39 * MINUTE


@pytest.mark.parametrize("year", [2023, 2024])
def test_newest_first_is_asked_only_where_aws_takes_it(year: int) -> None:
    start = datetime(year, 1, 1, tzinfo=UTC)
    server = Server([])
    list(reader(server).read("/app", Window(start, start + MINUTE)))
    assert ("startFromHead" in server.asked[0]) is (year == 2024)


@given(
    times=st.lists(st.integers(0, 3_599_999), min_size=20, max_size=250),
    order=st.sampled_from(["asked", "oldest first"]),
    page=st.integers(1, 20),
    empty=st.integers(0, 3),
    repeats=st.integers(0, 3),
    pages=st.integers(1, 9),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_event_of_what_counts_as_read_was_given(
    times: list[int], order: str, page: int, empty: int, repeats: int, pages: int
) -> None:
    server = Server([epoch_ms(START) + t for t in times], order, page, empty, repeats)
    ids, parts = read(server, pages)
    given_ = set(ids)
    covered = Intervals.of(parts[-1].read)
    for number, ms in enumerate(server.times):
        at = START + timedelta(milliseconds=ms - epoch_ms(START))
        if any(at in window for window in covered):
            assert str(number) in given_
    assert not covered - Intervals.of([WINDOW])
