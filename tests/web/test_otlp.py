"""Spans over HTTP: both encodings, limits, refusals."""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from app.model.errors import StoreFull
from app.model.ids import Place
from app.model.traces import TraceDocuments
from app.web.otlp import Otlp
from app.web.otlp_reading import Received, Unreadable, from_json, from_protobuf

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
START = int(NOW.timestamp()) * 10**9 - 10**9
TRACE, SPAN = "6ab13b800123456789abcdef01234567", "00000000000000a1"
PLACE, AWAY = Place("111111111111", "eu-central-1"), Place("111111111111", "us-east-1")


@dataclass
class Kept:
    """What was given to be kept; raises ``error`` if there is one."""

    traces: list[TraceDocuments] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    error: Exception | None = None

    def __call__(self, traces: Sequence[TraceDocuments], received: Received) -> None:
        if self.error is not None:
            raise self.error
        self.traces += traces
        self.refused |= received.refused


ATTRIBUTES = """
[{"key": "http.request.method", "value": {"stringValue": "GET"}},
 {"key": "n", "value": {"intValue": "7"}},
 {"key": "list", "value": {"arrayValue": {"values": [{"boolValue": true}, {"doubleValue": 0.5}]}}},
 {"key": "map", "value": {"kvlistValue": {"values": [{"key": "a", "value":
   {"stringValue": "b"}}]}}},
 {"key": "raw", "value": {"bytesValue": "AAE="}}]
"""


def span(**more):
    attributes = orjson.loads(ATTRIBUTES)
    return {
        "traceId": TRACE, "spanId": SPAN, "name": "GET /", "kind": 2,
        "startTimeUnixNano": str(START), "endTimeUnixNano": str(START + 5_000_000),
        "attributes": attributes, "status": {"code": 2, "message": "no"},
        "events": [{"name": "exception", "timeUnixNano": "1", "attributes": attributes[:1]}],
        "links": [{"traceId": TRACE, "spanId": "00000000000000b1"}],
        **more,
    }  # fmt: skip


def request(*spans, **resource):
    pairs = [{"key": k, "value": {"stringValue": v}} for k, v in resource.items()]
    return {
        "resourceSpans": [
            {"resource": {"attributes": pairs}, "scopeSpans": [{"spans": list(spans)}]}
        ]
    }


def as_protobuf(given) -> bytes:
    """The same request in protobuf, built by hand rather than by a converter."""
    message = service.ExportTraceServiceRequest()
    for group in given["resourceSpans"]:
        made = message.resource_spans.add()
        for pair in group["resource"]["attributes"]:
            _set(made.resource.attributes.add(), pair)
        scope = made.scope_spans.add()
        for one in group["scopeSpans"][0]["spans"]:
            _span(scope.spans.add(), one)
    return message.SerializeToString()


def _span(made: Span, one) -> None:
    made.trace_id, made.span_id = bytes.fromhex(one["traceId"]), bytes.fromhex(one["spanId"])
    made.name, made.kind = one["name"], one["kind"]
    made.start_time_unix_nano = int(one["startTimeUnixNano"])
    made.end_time_unix_nano = int(one["endTimeUnixNano"])
    made.status.code, made.status.message = one["status"]["code"], one["status"]["message"]
    for pair in one["attributes"]:
        _set(made.attributes.add(), pair)
    for event in one["events"]:
        added = made.events.add(name=event["name"])
        for pair in event["attributes"]:
            _set(added.attributes.add(), pair)
    for link in one["links"]:
        made.links.add(
            trace_id=bytes.fromhex(link["traceId"]), span_id=bytes.fromhex(link["spanId"])
        )


def _set(made, pair) -> None:
    made.key = pair["key"]
    _value(made.value, pair["value"])


def _value(made, value) -> None:
    (kind, given), *_ = value.items()
    if kind == "arrayValue":
        made.array_value.SetInParent()
        for one in given["values"]:
            _value(made.array_value.values.add(), one)
    elif kind == "kvlistValue":
        for pair in given["values"]:
            _set(made.kvlist_value.values.add(), pair)
    elif kind == "bytesValue":
        made.bytes_value = b"\x00\x01"
    elif kind == "intValue":
        made.int_value = int(given)
    else:
        setattr(made, {"stringValue": "string_value", "boolValue": "bool_value",
                       "doubleValue": "double_value"}[kind], given)  # fmt: skip


def send(body: bytes, kind: str = "application/json", kept: Kept | None = None, **more):
    """Status line, headers and body of the answer."""
    answered: list = []
    token = more.pop("token", None)
    app = Otlp(kept or Kept(), [PLACE, AWAY], lambda: NOW, token)
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/v1/traces", "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), **more,
    }  # fmt: skip
    parts = app(environ, lambda status, headers: answered.append((status, dict(headers))))
    return (*answered[0], b"".join(parts))


def test_both_encodings_say_the_same():
    given = request(span(), **{"service.name": "shop"})
    one = from_json(orjson.dumps(given), NOW.timestamp())
    two = from_protobuf(as_protobuf(given), NOW.timestamp())
    assert one.spans == two.spans
    (found,) = one.spans
    assert (found.kind, found.status, found.resource) == (
        "SERVER",
        "ERROR",
        {"service.name": "shop"},
    )
    assert found.attributes["list"] == [True, 0.5]
    assert found.attributes["n"] == 7


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["application/json", "application/x-protobuf"])
def test_spans_are_kept_by_trace_and_answered_in_kind(kind, packed):
    kept = Kept()
    given = request(span(), span(spanId="00000000000000a2"), **{"cloud.region": "us-east-1"})
    body = orjson.dumps(given) if kind.endswith("json") else as_protobuf(given)
    more = {"HTTP_CONTENT_ENCODING": "gzip"} if packed else {}
    status, headers, answer = send(gzip.compress(body) if packed else body, kind, kept, **more)
    assert (status, headers["Content-Type"]) == ("200 OK", kind)
    assert answer in (b"{}", b"")
    (trace,) = kept.traces
    assert (trace.trace_id, trace.place) == (
        "1-6ab13b80-0123456789abcdef01234567",
        AWAY,
    )
    assert len(trace.documents) == 2


def test_spans_of_an_unknown_account_stand_in_the_first_place():
    kept = Kept()
    send(orjson.dumps(request(span(), **{"cloud.account.id": "999999999999"})), kept=kept)
    assert [trace.place for trace in kept.traces] == [PLACE]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"traceId": "00" * 16}, "trace id"),
        ({"traceId": "xyz"}, "trace id"),
        ({"traceId": TRACE[:15] + "_" + TRACE[16:]}, "trace id"),
        ({"traceId": "0x" + TRACE[2:]}, "trace id"),
        ({"traceId": "+" + TRACE[1:]}, "trace id"),
        ({"traceId": TRACE[:-1] + "\uff17"}, "trace id"),
        ({"spanId": "0000_000000000a1"}, "span id"),
        ({"spanId": ""}, "span id"),
        ({"parentSpanId": "12"}, "parent id"),
        ({"name": "x" * 205_000}, "over 200 KB"),
        ({"startTimeUnixNano": str(START - 15 * 86_400 * 10**9)}, "14 days"),
        ({"startTimeUnixNano": str(START + 3 * 3_600 * 10**9)}, "2 hours"),
        ({"endTimeUnixNano": "253402300799000000000"}, "after 2099"),
        ({"endTimeUnixNano": "9" * 400}, "after 2099"),
        ({"endTimeUnixNano": -1}, "before 1970"),
    ],
)
def test_a_span_that_breaks_a_limit_is_refused_alone(changes, why):
    kept = Kept()
    good = span(spanId="00000000000000a9")
    status, _, answer = send(orjson.dumps(request(span(**changes), good)), kept=kept)
    told = orjson.loads(answer)["partialSuccess"]
    assert (status, told["rejectedSpans"]) == ("200 OK", "1")
    assert why in told["errorMessage"]
    assert len(kept.traces[0].documents) == 1


def attribute(key, **value):
    return {"attributes": [{"key": key, "value": value}]}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (attribute("n", intValue="9" * 20), "out of range"),
        (attribute("n", intValue="many"), "wrong type"),
        ({"endTimeUnixNano": "9" * 5_000}, "out of range"),
        ({"startTimeUnixNano": {"a": 1}}, "wrong type"),
        ({"attributes": "none"}, "wrong type"),
        ({"events": [1]}, "wrong type"),
        ({"extra": orjson.Fragment(b"[" * 300 + b"]" * 300)}, "too deep"),
        (attribute("n", intValue="9" * 19), "out of range"),
    ],
)
def test_an_odd_span_is_refused_alone_and_counted(changes, why):
    kept, good = Kept(), span(spanId="00000000000000a9")
    status, _, answer = send(orjson.dumps(request(span(**changes), good)), kept=kept)
    told = orjson.loads(answer)["partialSuccess"]
    assert (status, told["rejectedSpans"]) == ("200 OK", "1")
    assert why in told["errorMessage"]
    assert len(kept.traces[0].documents) == 1
    assert sum(kept.refused.values()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        attribute("http.url", stringValue="http://[::1/x"),
        attribute("aws.xray.annotations", arrayValue={"values": [{"arrayValue": {"values": []}}]}),
        attribute("http.status_code", stringValue="9" * 30),
    ],
)
def test_a_span_with_an_odd_attribute_is_kept(changes):
    kept = Kept()
    assert send(orjson.dumps(request(span(**changes))), kept=kept)[2] == b"{}"
    assert len(kept.traces[0].documents) == 1


def test_a_status_without_end_is_kept_and_taken_for_none():
    message = service.ExportTraceServiceRequest.FromString(as_protobuf(request(span())))
    added = message.resource_spans[0].scope_spans[0].spans[0].attributes.add()
    added.key, added.value.double_value = "http.status_code", float("inf")
    kept = Kept()
    status, _, answer = send(message.SerializeToString(), "application/x-protobuf", kept)
    assert (status, answer) == ("200 OK", b"")
    assert b'"status"' not in kept.traces[0].documents[0]


def test_a_resource_that_cannot_be_read_refuses_its_spans_alone():
    odd = request(span(), span(spanId="00000000000000a2"))
    odd["resourceSpans"][0]["resource"] = attribute("n", intValue="9" * 20)
    odd["resourceSpans"] += request(span(spanId="00000000000000a3"))["resourceSpans"]
    kept = Kept()
    status, _, answer = send(orjson.dumps(odd), kept=kept)
    assert (status, orjson.loads(answer)["partialSuccess"]["rejectedSpans"]) == ("200 OK", "2")
    assert len(kept.traces[0].documents) == 1


def test_too_many_spans_and_too_long_a_resource_are_refused():
    many = [span(spanId=f"{n + 1:016x}", attributes=[], events=[], links=[]) for n in range(10_002)]
    found = from_json(orjson.dumps(request(*many)), NOW.timestamp())
    assert (len(found.spans), found.refused) == (10_000, {"more than 10,000 spans in a request": 2})
    long = request(span(), a="x" * 17_000)
    for read, body in ((from_json, orjson.dumps(long)), (from_protobuf, as_protobuf(long))):
        assert read(body, NOW.timestamp()).refused == {"attributes of a resource over 16 KB": 1}


@pytest.mark.parametrize(
    ("body", "more", "status"),
    [
        (b"{", {}, "400 Bad Request"),
        (b"[]", {}, "400 Bad Request"),
        (b"{}", {"PATH_INFO": "/"}, "404 Not Found"),
        (b"{}", {"REQUEST_METHOD": "GET"}, "405 Method Not Allowed"),
        (b"{}", {"CONTENT_TYPE": "text/plain"}, "415 Unsupported Media Type"),
        (b"{}", {"HTTP_CONTENT_ENCODING": "br"}, "415 Unsupported Media Type"),
        (b"{}", {"HTTP_CONTENT_ENCODING": "gzip"}, "400 Bad Request"),
        (gzip.compress(b" " * 6_000_000), {"HTTP_CONTENT_ENCODING": "gzip"}, "413"),
        (b" " * 5_300_000, {}, "413"),
        (b"{}", {"token": "t"}, "401 Unauthorized"),
        (b"{}", {"token": "t", "HTTP_AUTHORIZATION": "Bearer x"}, "401 Unauthorized"),
        (b"{}", {"token": "t", "HTTP_AUTHORIZATION": "Bearer t"}, "200 OK"),
    ],
)
def test_what_is_no_export_is_refused_with_its_reason(body, more, status):
    kind = more.pop("CONTENT_TYPE", "application/json")
    assert send(body, kind, **more)[0].startswith(status)


def test_what_cannot_be_kept_is_to_be_sent_again():
    status, headers, _ = send(orjson.dumps(request(span())), kept=Kept(error=StoreFull("full")))
    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "10")


NAMES = "resourceSpans scopeSpans spans resource attributes key value arrayValue values intValue"
NAMES = [*NAMES.split(), "traceId", "status", "events"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(NAMES),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.one_of(_JSON.map(orjson.dumps), st.binary(max_size=40)))
def test_any_body_is_read_or_refused(body):
    for read in (from_json, from_protobuf):
        try:
            read(body, 0.0)
        except Unreadable:
            continue
