"""The rows that traces are made of: logged invocations, and pages that the web service sent."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.demo.logs.containers import pages_served
from app.demo.logs.gateway import requests_of
from app.demo.logs.requests import OK, cause_of, invocations, routes_of
from app.demo.traces.steps import UNTRACED
from app.demo.world.platform import Deployment, Function
from app.demo.world.sheet import Sheet

LINKED = 2
"""So many other messages of a batch are linked."""

Row = dict[str, Any]
"""A line of a frame of invocations, with ``function``; of requests also what was asked."""


@dataclass(frozen=True, slots=True)
class Request:
    """What ran under one trace id: invocations by time, or a page of the web service."""

    trace_id: str
    invocations: tuple[Row, ...] = ()
    page: Row | None = None


def requests(sheet: Sheet) -> Iterator[Request]:
    """Every request of a stretch that is traced."""
    by_trace: defaultdict[str, list[Row]] = defaultdict(list)
    for function in sheet.deployment.functions:
        if function.name not in UNTRACED:
            for row in _rows(sheet, function):
                by_trace[row["trace"]].append(row)
    for rows in by_trace.values():
        rows.sort(key=lambda row: (row["at"], row["segment"]))
    _link(sheet, by_trace.values())
    for trace_id, rows in by_trace.items():
        yield Request(trace_id, tuple(rows))
    for container in sheet.deployment.containers:
        if container.name == "web":
            for row in pages_served(sheet, container).to_dicts():
                yield Request(row["trace"], page=row)


def _link(sheet: Sheet, traces: Iterable[list[Row]]) -> None:
    """The other messages of each batch from a queue: ``linked`` are the rows that sent them.

    Only the first message's trace is carried on; the others' are linked.
    """
    senders: defaultdict[str, list[Row]] = defaultdict(list)
    for rows in traces:
        if rows[0]["outcome"] == OK and changes(sheet.deployment, rows[0]):
            senders[rows[0]["function"].name].append(rows[0])
    for sent in senders.values():
        sent.sort(key=lambda row: row["at"])
    for rows in traces:
        for row in rows:
            function = row["function"]
            cause = cause_of(sheet, function)
            if cause is None or not function.source.startswith("queue") or function.batch < 2:
                continue
            sent = senders[cause.name]
            end = bisect_left(sent, row["at"], key=lambda one: one["at"] + one["lasts"])
            near = [one for one in sent[max(0, end - LINKED - 1) : end] if one is not rows[0]]
            row["linked"] = near[-LINKED:]


def changes(deployment: Deployment, row: Row) -> bool:
    """Whether a request changes something; of a function that is only read each one does."""
    routes = [r for api in deployment.apis for r in api.routes]
    methods = {r.method for r in routes if r.function == row["function"].name}
    return row.get("method", "POST") != "GET" or methods == {"GET"}


def _rows(sheet: Sheet, function: Function) -> Iterator[Row]:
    """Invocations; of those that came through a REST API also the request."""
    asked = _asked(sheet, function)
    for row in invocations(sheet, function).to_dicts():
        yield row | asked.get(row["mark"], {}) | {"function": function}


def _asked(sheet: Sheet, function: Function) -> dict[int, Row]:
    """What was asked of APIs, by the mark of the invocation."""
    columns = ("mark", "method", "path", "status", "ip", "agent", "outer", "bytes")
    found: dict[int, Row] = {}
    for api in dict.fromkeys(api for api, _ in routes_of(sheet, function)):
        frame = requests_of(sheet, api, function.name).select(columns)
        found |= {row["mark"]: row | {"api": api} for row in frame.to_dicts()}
    return found
