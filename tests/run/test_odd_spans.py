"""Spans with any value in any field, up to the rows of the store: taken or counted, no error."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.ids import Place
from app.model.otel import document, written
from app.model.otel_reading import span_of_event
from app.model.traces import Flaw, TraceDocuments, TraceSource
from app.run.otlp import batch_of
from app.store.trace_commit import frames
from app.web.otlp import Otlp
from app.web.otlp_reading import Received

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp()) * 10**9
PLACE = Place("111111111111", "eu-central-1")
TRACE = "6ab13b800123456789abcdef01234567"

TEXTS = (
    "", "9" * 20, "9" * 400, "9" * 5_000, "-1", "inf", "nan", "http://[::1/x", "0" * 32,
    "0x" + "a" * 30, "+" + "a" * 31, "a_" * 8, "\uff11" * 16, "253402300799000000000",
    'File "a", line ' + "9" * 30 + ", in b", "SERVER", "ERROR",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2**31, 2**63, 2**64, 10**30, 253402300799 * 10**9, 1e308, 0.5)
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.sampled_from([*TEXTS, *NUMBERS]) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("key"), inner, max_size=1),
    max_leaves=3,
)
NAMES = (
    "http.status_code", "http.url", "http.host", "http.method", "server.port", "url.path",
    "aws.xray.annotations", "aws.local.service", "db.system", "db.name", "rpc.system",
    "rpc.service", "rpc.method", "messaging.system", "aws.table_names", "aws.queue_url",
    "service.name", "service.version", "cloud.account.id", "cloud.region", "cloud.platform",
    "aws.log.group.names", "host.id", "enduser.id", "faas.invocation_id", "peer.service",
    "exception.type", "exception.message", "exception.stacktrace", "http.response.body.size",
)  # fmt: skip
TYPES = ("stringValue", "intValue", "doubleValue", "boolValue", "bytesValue", "arrayValue")


def fields(number: int, pairs: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A good span, of which some fields have odd values."""
    id_ = f"{number:016x}"
    usual: dict[str, st.SearchStrategy[Any]] = {
        "traceId": st.just(TRACE),
        "spanId": st.just(id_),
        "parentSpanId": st.sampled_from(["", f"{1:016x}"]),
        "name": st.just("GET /"),
        "kind": st.sampled_from(["SERVER", "CLIENT", "SPAN_KIND_CONSUMER", 3]),
        "startTimeUnixNano": st.just(AT),
        "endTimeUnixNano": st.just(str(AT + 10**6)),
        "durationNano": st.just(10**6),
        "attributes": pairs,
        "resource": st.fixed_dictionaries({"attributes": pairs}),
        "status": st.fixed_dictionaries({"code": st.just("ERROR") | ODD, "message": ODD}),
        "events": st.lists(
            st.fixed_dictionaries({"name": st.just("exception") | ODD, "attributes": pairs | ODD})
            | ODD,
            max_size=2,
        ),
        "links": st.lists(
            st.fixed_dictionaries({"traceId": ODD, "spanId": ODD, "attributes": pairs | ODD}) | ODD,
            max_size=2,
        ),
    }
    good = st.fixed_dictionaries(usual)
    odd = st.dictionaries(st.sampled_from(sorted(usual)), ODD, max_size=2)
    return st.builds(lambda span, changes: span | changes, good, odd)


PAIRS = st.dictionaries(st.sampled_from(NAMES), ODD, max_size=4)
TYPED = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(NAMES),
            "value": st.dictionaries(st.sampled_from(TYPES), ODD, max_size=1) | ODD,
        }
    ),
    max_size=4,
)


def rows(traces: Sequence[TraceDocuments]) -> int:
    """How many spans become rows, and what was wrong with the others."""
    made = frames(traces, lambda ids, window: {}, NOW, 1)
    told = sum(len(problems) for problems in made["traces"]["problems"]) if made else 0
    spans = made.get("trace_spans")
    return told + (0 if spans is None else spans.filter(spans["kind"] != "inferred").height)


VALUES = (*TEXTS, *NUMBERS, None, True, [], ["a"], [["a"], {"key": 1}], {"key": 1})


def every_event() -> list[str]:
    """Each odd value in each attribute of a server and of a client, and in each field."""
    times = {"startTimeUnixNano": AT, "endTimeUnixNano": AT + 10**6}
    good = {"traceId": TRACE, "spanId": f"{1:016x}", "name": "a", "kind": "CLIENT", **times}
    client = good | {"parentSpanId": "00000000000000ff"}
    found = [
        span | {"attributes": {name: value}, "resource": {"attributes": {name: value}}}
        for span in (good | {"kind": "SERVER"}, client)
        for name in NAMES
        for value in VALUES
    ]
    more = ("events", "links", "attributes", "resource", "status", "durationNano", "parentSpanId")
    found += [good | {name: value} for name in (*good, *more) for value in VALUES]
    found += [good | {"events": [{"name": "exception", "attributes": v}]} for v in VALUES]
    return [json.dumps(one) for one in found]


def test_each_odd_value_alone_is_taken_or_is_a_flaw():
    for event in every_event():
        span = span_of_event(event)
        if not isinstance(span, Flaw):
            assert document(span)


@settings(max_examples=40)
@given(st.tuples(fields(1, TYPED), fields(2, TYPED)), TYPED)
def test_a_request_of_odd_spans_is_taken_or_counted(spans, resource):
    kept: list[tuple[Sequence[TraceDocuments], Received]] = []
    group = {"resource": {"attributes": resource}, "scopeSpans": [{"spans": spans}]}
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/v1/traces", "CONTENT_TYPE": "application/json",
        "wsgi.input": io.BytesIO(json.dumps({"resourceSpans": [group]}).encode()),
    }  # fmt: skip
    statuses: list[str] = []
    app = Otlp(lambda *given: kept.append(given), [PLACE], lambda: NOW)
    app(environ, lambda status, _: statuses.append(status))
    ((traces, received),) = kept
    assert statuses == ["200 OK"]
    documents = sum(len(trace.documents) for trace in traces)
    assert documents + sum(received.refused.values()) == 2
    assert rows(batch_of(PLACE, kept).traces) >= documents


@settings(max_examples=40)
@given(st.tuples(fields(1, PAIRS), fields(2, PAIRS)))
def test_events_of_odd_spans_are_taken_or_counted(events):
    traces = []
    for event in events:
        span = span_of_event(json.dumps(event))
        made = span if isinstance(span, Flaw) else written(span)
        if not isinstance(span, Flaw) and not isinstance(made, Flaw):
            traces.append(TraceDocuments(span.trace_id, PLACE, TraceSource.AWS_SPANS, (made,)))
    assert rows(traces) >= len(traces)
