"""Every kind of malformed input, from X-Ray and from applications: counted, shown, harmless.

Those of ``aws/spans`` are in ``tests/collectors/test_trace_spans.py``.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from app.model.rounds import Batch
from app.model.time import Window
from app.model.traces import Flaw, TraceDocuments, TraceSource
from app.read import Scope, TraceQuestion
from app.run.otlp import batch_of
from app.web.otlp import Otlp
from app.web.otlp_reading import Received
from dashboards.pages import trace_sampled
from tests.support.shelf import HOME, Shelf
from tests.support.traces import START, Documents, trace_id

ID, LOST = trace_id(), "00000000000000ff"
GOOD = "00000000000000aa"
KINDS = {
    "bad JSON": Flaw.NOT_JSON,
    "a wrong trace id": Flaw.BAD_TRACE_ID,
    "a wrong id": Flaw.BAD_ID,
    "in progress, never finished": Flaw.NEVER_FINISHED,
    "its parent has not come": Flaw.NO_PARENT,
    "an end before the start": Flaw.ENDS_BEFORE_START,
    "clocks that differ": Flaw.CLOCK_SKEW,
    "a loop": Flaw.LOOP,
    "a time in 9999": Flaw.BAD_FIELD,
}
"""What is wrong, and as what it is counted whoever sent it."""


def _xray(kind: str) -> list[str | dict[str, Any]]:
    """Documents as X-Ray gives them; one that is good comes with them."""
    make = Documents(ID)
    one, other = make.segment("a", 10), make.segment("b", 10)
    good = make.segment("good", 10) | {"id": GOOD}
    bad: dict[str, list[str | dict[str, Any]]] = {
        "bad JSON": ["{"],
        "a wrong trace id": [one | {"trace_id": "1-2-3"}],
        "a wrong id": [one | {"id": "xyz"}],
        "in progress, never finished": [make.segment("a", took=None)],
        "its parent has not come": [one | {"type": "subsegment", "parent_id": LOST}],
        "an end before the start": [one | {"end_time": 1.0}],
        "clocks that differ": [one | {"parent_id": GOOD, "start_time": good["start_time"] - 1}],
        "a loop": [one | {"parent_id": other["id"]}, other | {"parent_id": one["id"]}],
        "a time in 9999": [one | {"start_time": 253402300700, "end_time": 253402300701}],
    }
    return [*bad[kind], good]


def _otlp(kind: str) -> bytes:
    """A request with the same."""
    at = int(START.timestamp()) * 10**9

    def span(id_: str = "00000000000000a1", **more: Any) -> dict[str, Any]:
        times = {"startTimeUnixNano": str(at), "endTimeUnixNano": str(at + 10**6)}
        given = {"traceId": ID[2:].replace("-", ""), "spanId": id_, "name": "a", "kind": 2}
        return given | times | more

    one, other = span(), span("00000000000000a2")
    bad: dict[str, list[dict[str, Any]]] = {
        "a wrong trace id": [one | {"traceId": "00" * 16}],
        "a wrong id": [one | {"spanId": "xyz"}],
        "in progress, never finished": [one | {"endTimeUnixNano": "0"}],
        "its parent has not come": [one | {"kind": 3, "parentSpanId": LOST}],
        "an end before the start": [one | {"endTimeUnixNano": str(at - 10**6)}],
        "clocks that differ": [
            one | {"parentSpanId": GOOD, "startTimeUnixNano": str(at - 5 * 10**6)}
        ],
        "a loop": [
            one | {"parentSpanId": other["spanId"]},
            other | {"parentSpanId": one["spanId"]},
        ],
        "a time in 9999": [one | {"endTimeUnixNano": "253402300799000000000"}],
    }
    if kind == "bad JSON":
        return b"{"
    spans = [*bad[kind], span(GOOD)]
    return orjson.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})


def from_xray(shelf: Shelf, kind: str) -> None:
    texts = tuple(d if isinstance(d, str) else orjson.dumps(d).decode() for d in _xray(kind))
    shelf.commit(Batch(traces=[TraceDocuments(ID, HOME, TraceSource.XRAY, texts, whole=True)]))


def from_an_application(shelf: Shelf, kind: str) -> None:
    post(shelf, _otlp(kind))


def post(shelf: Shelf, body: bytes) -> str:
    """The status of the answer; what came is committed as the work process does."""

    def keep(traces: Sequence[TraceDocuments], received: Received) -> None:
        shelf.commit(batch_of(HOME, [(traces, received)]))

    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/v1/traces", "CONTENT_TYPE": "application/json",
        "wsgi.input": io.BytesIO(body),
    }  # fmt: skip
    Otlp(keep, [HOME], lambda: START)(environ, lambda status, _: statuses.append(status))
    return statuses[0]


def recent(shelf: Shelf) -> Scope:
    """The hours in which all of it came, with the one that begins now."""
    return replace(
        shelf.scope(), window=Window(shelf.now - timedelta(hours=2), shelf.now + timedelta(hours=1))
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("send", "source"),
    [(from_xray, TraceSource.XRAY), (from_an_application, TraceSource.OTLP)],
    ids=["X-Ray", "OTLP"],
)
def test_what_is_malformed_is_counted_by_kind_and_source(
    shelf: Shelf, send: Callable[[Shelf, str], None], source: TraceSource, kind: str
) -> None:
    send(shelf, kind)
    scope = recent(shelf)
    counted = [(m.flaw, m.source, m.count) for m in shelf.reads.traces.malformed(scope)]
    assert counted == [(KINDS[kind], source, 1)]
    # What is good stays, and every page of it opens.
    trace = shelf.reads.traces.trace(ID, [HOME], shelf.now)
    whole_request_is_lost = source is TraceSource.OTLP and kind == "bad JSON"
    assert (trace is None) == whole_request_is_lost
    if trace is not None:
        assert GOOD in {span.id for span in trace.walk()}
        in_trace = [m for m in shelf.reads.traces.malformed(scope) if m.traces]
        assert [p.flaw for p in trace.problems] == [m.flaw for m in in_trace]
        assert shelf.reads.traces.service_map(scope).nodes


@pytest.mark.parametrize("send", [from_xray, from_an_application], ids=["X-Ray", "OTLP"])
def test_a_parent_that_comes_later_mends_its_trace(
    shelf: Shelf, send: Callable[[Shelf, str], None]
) -> None:
    send(shelf, "its parent has not come")
    parent = Documents(ID).segment("parent", -5) | {"id": LOST}
    source = TraceSource.OTLP
    text = orjson.dumps(parent).decode()
    shelf.commit(Batch(traces=[TraceDocuments(ID, HOME, source, (text,))]))
    assert shelf.reads.traces.malformed(recent(shelf)) == ()
    trace = shelf.reads.traces.trace(ID, [HOME])
    assert trace is not None
    assert LOST in {span.parent_id for span in trace.walk()}


def test_what_is_too_long_is_counted_by_the_limit_of_its_source(shelf: Shelf) -> None:
    long = Documents(ID).segment("a", metadata={"m": "x" * 70_000})
    text = orjson.dumps(long).decode()
    shelf.commit(Batch(traces=[TraceDocuments(ID, HOME, TraceSource.XRAY, (text,))]))
    request = orjson.loads(_otlp("a wrong id"))
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][0] |= {
        "spanId": "00000000000000a1",
        "name": "x" * 205_000,
    }
    assert post(shelf, orjson.dumps(request)) == "200 OK"
    assert post(shelf, b" " * 5_300_000).startswith("413")
    scope = recent(shelf)
    told = {(m.flaw, m.source, m.detail) for m in shelf.reads.traces.malformed(scope)}
    assert told == {
        (Flaw.TOO_LONG, TraceSource.XRAY, ""),
        (Flaw.OVER_LIMIT, TraceSource.OTLP, "a span over 200 KB"),
        (Flaw.OVER_LIMIT, TraceSource.OTLP, "a request over 5 MB"),
    }


def test_what_is_in_no_trace_is_told_on_the_pages(shelf: Shelf) -> None:
    post(shelf, b"{")
    scope = recent(shelf)
    found = shelf.reads.trace_page.rows(TraceQuestion("", scope))
    assert [(m.flaw, m.count, m.example) for m in found.malformed] == [
        ("not JSON, a request that is not JSON", 1, "")
    ]
    assert "not JSON" in str(trace_sampled.flaws(found.malformed))
