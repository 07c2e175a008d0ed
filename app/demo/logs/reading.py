"""FilterLogEvents: the events of a group in pages, some of them empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from app.demo.logs.book import STRETCH_MS, LogBook
from app.demo.logs.groups import Group
from app.demo.logs.requested import (
    MOST_EVENTS,
    Token,
    group_of,
    invalid,
    limit_of,
    streams_of,
    whole,
)
from app.demo.logs.written import SCHEMA
from app.demo.telemetry.fields import Request, text
from app.model.ids import Place
from app.query.log_filter import PatternError, compiled, matches

PAGE_BYTES = 1_048_576
EVENT_BYTES = 100
"""What an event takes in an answer beside its message, about."""

SEARCHED = 60_000
"""Events that one call looks at before it answers, be it with an empty page."""

_STRETCHES = 4
"""Stretches that one call looks at."""

NEWEST_FIRST_SINCE = 1_704_067_200_000
"""``startFromHead`` false needs a start from 2024 on (FilterLogEvents, Request parameters)."""

_DAY_MS = 86_400_000
_LONGEST_DAYS = 30
_LAST = ("9" * 15, "9" * 15, "9" * 60)
_FIRST = ("-1", "-1", "")


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked question for events of one group, both ends inside."""

    place: Place
    group: Group
    start: int
    end: int
    forward: bool
    now: int

    def stretches(self, cursor: int) -> list[int]:
        """The stretches that one call looks at, from where the cursor stands."""
        first, last = (
            self.start // STRETCH_MS,
            min(self.end, self.now + 2 * 3_600_000) // STRETCH_MS,
        )
        if self.forward:
            begin = max(first, cursor // STRETCH_MS)
            return list(range(begin, last + 1))
        begin = min(last, cursor // STRETCH_MS)
        return list(range(begin, first - 1, -1))


def filter_log_events(
    book: LogBook, place: Place, request: Request, now_ms: int
) -> dict[str, object]:
    """One page: of at most 10,000 events or 1 MB, and maybe empty although there is more."""
    asked = _asked(book, place, request, now_ms)
    limit, names = limit_of(request, MOST_EVENTS), streams_of(request)
    prefix, pattern = text(request.get("logStreamNamePrefix")), text(request.get("filterPattern"))
    _check(pattern)
    cursor = Token.of(request, _FIRST if asked.forward else _LAST).place
    gathered: list[pl.DataFrame] = []
    room, searched = Room(limit), 0
    left = asked.stretches(int(cursor[0]))
    for looked, number in enumerate(left):
        if looked == _STRETCHES or searched > SEARCHED:
            return _page(gathered, Token.to(request, _edge(number, forward=asked.forward)))
        events = after(within(book, asked, number), cursor, forward=asked.forward)
        searched += events.height
        found = _chosen(events, names, prefix, pattern)
        taken = room.take(found)
        gathered.append(taken)
        if taken.height < found.height:
            return _page(gathered, Token.to(request, cursor_of(pl.concat(gathered))))
    return _page(gathered, "")


def _edge(number: int, *, forward: bool) -> tuple[str, ...]:
    """Before the first event of a stretch, in the order asked for."""
    if forward:
        return (str(number * STRETCH_MS), *_FIRST[1:])
    return (str((number + 1) * STRETCH_MS - 1), *_LAST[1:])


def _asked(book: LogBook, place: Place, request: Request, now_ms: int) -> Asked:
    group = group_of(book, place, request)
    if group.kind != "STANDARD":
        raise invalid(f"FilterLogEvents is not supported for log groups of class {group.kind}.")
    forward = request.get("startFromHead") is not False
    start = whole(request, "startTime", 0)
    if not forward and start < NEWEST_FIRST_SINCE:
        raise invalid("startFromHead can be false only with a startTime from 2024-01-01 on.")
    end = whole(request, "endTime", now_ms + _DAY_MS)
    if end < start:
        raise invalid("endTime must not lie before startTime.")
    kept = (group.retention or _LONGEST_DAYS) * _DAY_MS
    return Asked(place, group, max(start, now_ms - kept), end, forward, now_ms)


def _check(pattern: str) -> None:
    try:
        compiled(pattern)
    except PatternError as error:
        raise invalid(f"Invalid filter pattern: {error.message}") from None


def within(book: LogBook, asked: Asked, number: int) -> pl.DataFrame:
    events = book.stretch(asked.place, asked.group.name, number).filter(
        pl.col("at").is_between(asked.start, asked.end), pl.col("ingested") <= asked.now
    )
    return events if asked.forward else events.reverse()


def after(events: pl.DataFrame, cursor: tuple[str, ...], *, forward: bool) -> pl.DataFrame:
    at, ingested, id_ = int(cursor[0]), int(cursor[1]), cursor[2]
    time, arrival = pl.col("at"), pl.col("ingested")
    if forward:
        later = (arrival > ingested) | ((arrival == ingested) & (pl.col("id") > id_))
        return events.filter((time > at) | ((time == at) & later))
    earlier = (arrival < ingested) | ((arrival == ingested) & (pl.col("id") < id_))
    return events.filter((time < at) | ((time == at) & earlier))


def _chosen(
    events: pl.DataFrame, names: tuple[str, ...], prefix: str, pattern: str
) -> pl.DataFrame:
    if names:
        events = events.filter(pl.col("stream").is_in(names))
    if prefix:
        events = events.filter(pl.col("stream").str.starts_with(prefix))
    if pattern.strip():
        messages = events["message"].to_list()
        events = events.filter(pl.Series([matches(pattern, m) for m in messages], dtype=pl.Boolean))
    return events


class Room:
    """What still fits into a page."""

    def __init__(self, events: int, size: int = PAGE_BYTES) -> None:
        self._events, self._bytes = events, size

    def take(self, events: pl.DataFrame) -> pl.DataFrame:
        """The first of the events, as many as fit; at least one if the page is empty so far."""
        size = (events["message"].str.len_bytes() + EVENT_BYTES).cum_sum().to_numpy()
        fitting = int(np.searchsorted(size, self._bytes, side="right"))
        if not fitting and self._bytes == PAGE_BYTES:
            fitting = 1
        taken = events.head(min(fitting, self._events))
        if taken.height:
            self._events -= taken.height
            self._bytes -= int(size[taken.height - 1])
        return taken


def cursor_of(events: pl.DataFrame) -> tuple[str, ...]:
    at, ingested, id_ = events.tail(1).select("at", "ingested", "id").row(0)
    return str(at), str(ingested), str(id_)


def _page(parts: list[pl.DataFrame], token: str) -> dict[str, object]:
    events = pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)
    answer: dict[str, object] = {"events": list(_written(events)), "searchedLogStreams": []}
    if token:
        answer["nextToken"] = token
    return answer


def _written(events: pl.DataFrame) -> Iterator[dict[str, object]]:
    for at, ingested, stream, message, id_ in events.iter_rows():
        yield {
            "logStreamName": stream,
            "timestamp": at,
            "message": message,
            "ingestionTime": ingested,
            "eventId": id_,
        }
