"""GetLogEvents and DescribeLogStreams."""

from __future__ import annotations

import polars as pl

from app.demo.logs.book import LogBook
from app.demo.logs.reading import Asked, Room, after, cursor_of, within
from app.demo.logs.requested import MOST_EVENTS, group_of, invalid, limit_of, paged, whole
from app.demo.logs.written import SCHEMA
from app.demo.refusal import Refused
from app.demo.telemetry.fields import Request, text
from app.model.ids import Place

_DAY_MS = 86_400_000


def get_log_events(book: LogBook, place: Place, request: Request, now_ms: int) -> dict[str, object]:
    """One page of a stream. Tokens are always given; at an end it is the one that was sent."""
    group = group_of(book, place, request)
    if group.kind != "STANDARD":
        raise invalid(f"GetLogEvents is not supported for log groups of class {group.kind}.")
    stream = text(request.get("logStreamName"))
    start = whole(request, "startTime", now_ms - 3 * _DAY_MS)
    end = whole(request, "endTime", now_ms + _DAY_MS)
    asked = Asked(place, group, start, end - 1, True, now_ms)
    found = [within(book, asked, number) for number in asked.stretches(start)]
    events = pl.concat(found) if found else pl.DataFrame(schema=SCHEMA)
    events = events.filter(pl.col("stream") == stream)
    if events.is_empty() and stream not in _streams(book, asked):
        raise Refused("ResourceNotFoundException", "The specified log stream does not exist.")
    limit = limit_of(request, MOST_EVENTS)
    given = text(request.get("nextToken"))
    page = _turned(events, given, limit, from_head=request.get("startFromHead") is True)
    first, last = (given[2:], given[2:])
    if page.height:
        first, last = "/".join(cursor_of(page.head(1))), "/".join(cursor_of(page))
    told = page.select(timestamp="at", message="message", ingestionTime="ingested")
    return {
        "events": told.to_dicts(),
        "nextForwardToken": f"f/{last}",
        "nextBackwardToken": f"b/{first}",
    }


def _turned(events: pl.DataFrame, token: str, limit: int, *, from_head: bool) -> pl.DataFrame:
    """The page that a token asks for, oldest first."""
    if not token:
        return _fitting(events, limit) if from_head else _fitting(events.reverse(), limit).reverse()
    cursor = tuple(token[2:].split("/"))
    if len(cursor) != 3:
        return events.clear()
    if token.startswith("f/"):
        return _fitting(after(events, cursor, forward=True), limit)
    return _fitting(after(events.reverse(), cursor, forward=False), limit).reverse()


def _fitting(events: pl.DataFrame, limit: int) -> pl.DataFrame:
    return Room(limit).take(events)


def _streams(book: LogBook, asked: Asked) -> dict[str, tuple[int, int, int]]:
    """First and last time and last arrival of each stream with events in the last day."""
    day = Asked(asked.place, asked.group, asked.now - _DAY_MS, asked.now, True, asked.now)
    found = [within(book, day, number) for number in day.stretches(day.start)]
    grouped = (
        pl.concat(found)
        .group_by("stream")
        .agg(pl.col("at").min().alias("first"), pl.col("at").max(), pl.col("ingested").max())
        .sort("stream")
    )
    return {name: (first, last, arrived) for name, first, last, arrived in grouped.iter_rows()}


def describe_log_streams(
    book: LogBook, place: Place, request: Request, now_ms: int
) -> dict[str, object]:
    """Streams with events in the last day."""
    group = group_of(book, place, request)
    prefix = text(request.get("logStreamNamePrefix"))
    by_time = text(request.get("orderBy")) == "LastEventTime"
    if by_time and prefix:
        raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    found = _streams(book, Asked(place, group, 0, now_ms, True, now_ms))
    names = [name for name in found if name.startswith(prefix)]
    names.sort(key=(lambda n: (found[n][1], n)) if by_time else (lambda n: (0, n)))
    if request.get("descending") is True:
        names.reverse()
    page, token = paged(names, request)
    arn = f"arn:aws:logs:{place.region}:{place.account}:log-group:{group.name}:log-stream:"
    streams = [
        {
            "logStreamName": name,
            "creationTime": found[name][0],
            "firstEventTimestamp": found[name][0],
            "lastEventTimestamp": found[name][1],
            "lastIngestionTime": found[name][2],
            "arn": arn + name,
            "storedBytes": 0,
        }
        for name in page
    ]
    answer: dict[str, object] = {"logStreams": streams}
    if token:
        answer["nextToken"] = token
    return answer
