"""Answers queries: over events at hand, or over any source within limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import polars as pl

from app.model.time import epoch_ms
from app.query.insights import tree
from app.query.insights.answer import Answer, Result
from app.query.insights.check import check
from app.query.insights.events import SYSTEM, as_frame
from app.query.insights.execution import Execution
from app.query.insights.explain import Explanation
from app.query.insights.functions import Clock
from app.query.insights.limits import Guard, Limits, Watch
from app.query.insights.memory import MemorySource
from app.query.insights.order import is_by_itself
from app.query.insights.parse import parse
from app.query.insights.printer import name, printed
from app.query.insights.source import EventSource
from app.query.insights.walk import inner_queries, made_names, nodes, starts_of
from app.query.lang import QueryError, QueryErrors

_SECONDS_BELOW = 100_000_000_000
"""Times below this are taken as epoch seconds, others as milliseconds."""

Moment = datetime | float | int


def run_query(
    text: str,
    events: pl.DataFrame | Iterable[Mapping[str, Any]],
    *,
    start: Moment | None = None,
    end: Moment | None = None,
    now: Moment | None = None,
    log_groups: Sequence[str] | None = None,
    lookup_tables: Mapping[str, pl.DataFrame | Sequence[Mapping[str, Any]]] | None = None,
) -> Result:
    """Answer a Logs Insights query over events at hand.

    ``events`` is a frame or an iterable of mappings with ``timestamp`` (epoch
    milliseconds), ``message``, ``logStream``, ``logGroup`` and optionally
    ``ingestionTime``. The window from ``start`` to ``end`` holds both ends;
    times are aware datetimes, epoch seconds or epoch milliseconds. Without a
    window all events are read. ``now`` is what ``now()`` answers with; left
    out it is the end of the window. Raises QueryError.

    Timestamps come out as ``YYYY-MM-DD HH:MM:SS.mmm`` in UTC, aggregates are
    rounded to four decimals, true and false are 1 and 0.
    """
    source = MemorySource(as_frame(events))
    window = _window(source.window(), start, end)
    clock = Clock(_ms(now, window[1]), *window)
    tables = {name: _table(table) for name, table in (lookup_tables or {}).items()}
    found = answer(text, source, clock=clock, groups=log_groups, tables=tables)
    return found.result()


def answer(
    text: str,
    source: EventSource,
    *,
    clock: Clock,
    groups: Sequence[str] | None = None,
    tables: Mapping[str, pl.DataFrame] | None = None,
    limits: Limits | None = None,
    watch: Watch | None = None,
) -> Answer:
    """Answer a query over any source of events, within limits.

    A limit that is reached is no error: the answer holds what there is,
    ``scanned.stopped`` names the limit. Raises QueryError.
    """
    query = parse(text)
    check(query)
    guard = Guard(limits or Limits(), watch or Watch())
    return Execution(source, clock, tables or {}, groups, guard).answer(query)


def explain(
    text: str,
    source: EventSource,
    *,
    clock: Clock,
    groups: Sequence[str] | None = None,
    tables: Mapping[str, pl.DataFrame] | None = None,
    limits: Limits | None = None,
) -> Explanation:
    """How a query would be answered, without reading its events. Raises QueryError."""
    query = parse(text)
    check(query)
    guard = Guard(limits or Limits(), Watch())
    return Execution(source, clock, tables or {}, groups, guard).explanation(query)


def mistakes(text: str) -> tuple[QueryError, ...]:
    """All that is wrong with a query, in the order of the text; empty if it can be answered."""
    try:
        check(parse(text))
    except QueryErrors as several:
        return several.errors
    except QueryError as error:
        return (error,)
    return ()


def counting(text: str, step: timedelta) -> str:
    """A query that counts, by ``step``, the events that the head of another one lets through.

    The bins come out first, then the counts. Raises QueryError.
    """
    seconds = step // timedelta(seconds=1)
    unit = next(
        (u, s) for u, s in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)) if not seconds % s
    )
    counted = f"stats count(*) as __events by bin({seconds // unit[1]}{unit[0]}) as __bin"
    return _behind_head(text, counted)


def asked_fields(text: str) -> frozenset[str]:
    """The discovered fields that a query asks of its events; raises QueryError.

    Looked at is what comes before events are put together, so a name is never one that a
    command has made.
    """
    query = parse(text)
    check(query)
    made: set[str] = set()
    found: set[str] = set()
    for command in query.commands:
        ends = not is_by_itself(command)
        if any(inner_queries(command)) or isinstance(command, tree.Lookup):
            break
        if ends and not isinstance(command, tree.Stats | tree.Sort | tree.Dedup):
            break
        made |= made_names(command)
        if isinstance(command, tree.Stats):
            made |= {item.name for item in command.items if item.alias}
        names = (node.text for node in nodes(command) if isinstance(node, tree.Name))
        found |= {name for name in names if not starts_of(name) & made}
        if ends:
            break
    return frozenset(found) - set(SYSTEM) - {"@ptr", "true", "false"}


def frequent(text: str, field: str) -> str:
    """A query that counts the values of a field, most frequent first.

    It looks at the events that the head of another query lets through. The values come
    out first, then the counts. Raises QueryError.
    """
    shown, count = spelled(field), "n" if field == "events" else "events"
    counted = f"stats count(*) as {count} by {shown}\n| sort {count} desc, {shown} asc"
    return _behind_head(text, f"filter ispresent({shown})\n| {counted}")


def spelled(field: str) -> str:
    """The name of a field as a query has it."""
    return name(tree.Name(segments=tuple(field.split("."))))


def _behind_head(text: str, commands: str) -> str:
    """Other commands behind the head, which ends before the first one that does more than
    look at each event by itself."""
    query = parse(text)
    check(query)
    kept = takewhile(is_by_itself, query.commands)
    head = replace(query, commands=tuple(c for c in kept if not isinstance(c, tree.Display)))
    return "\n| ".join(filter(None, (printed(head), commands)))


def _ms(moment: Moment | None, default: int) -> int:
    if moment is None:
        return default
    if isinstance(moment, datetime):
        return epoch_ms(moment)
    return int(moment * 1000) if abs(moment) < _SECONDS_BELOW else int(moment)


def _window(found: tuple[int, int], start: Moment | None, end: Moment | None) -> tuple[int, int]:
    first, last = found
    begin, finish = _ms(start, first), _ms(end, last)
    if isinstance(end, int) and abs(end) < _SECONDS_BELOW:
        finish += 999  # a whole second counts up to its last millisecond
    return begin, finish


def _table(table: pl.DataFrame | Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    if isinstance(table, pl.DataFrame):
        return table
    return pl.DataFrame(list(table), infer_schema_length=None, strict=False)
