"""The rows that traces are made of: logged invocations, and pages that the web service sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.demo.logs.containers import pages_served
from app.demo.logs.gateway import requests_of
from app.demo.logs.requests import invocations, routes_of
from app.demo.traces.steps import UNTRACED
from app.demo.world.platform import Function
from app.demo.world.sheet import Sheet

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
    for trace_id, rows in by_trace.items():
        yield Request(trace_id, tuple(sorted(rows, key=lambda row: (row["at"], row["segment"]))))
    for container in sheet.deployment.containers:
        if container.name == "web":
            for row in pages_served(sheet, container).to_dicts():
                yield Request(row["trace"], page=row)


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
