"""From an OTLP request, in protobuf or in JSON, to spans; what breaks a limit is refused alone.

Limits are those of AWS's own OTLP endpoint (CloudWatch User Guide, "OTLP endpoints").
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from app.model.otel import OtelSpan
from app.model.trace_checks import LATEST_S
from app.model.traces import Flaw

LONGEST_REQUEST = 5 * 1024 * 1024
MOST_SPANS = 10_000
LONGEST_SPAN = 200 * 1024
LONGEST_RESOURCE = 16 * 1024
OLDEST_S, NEWEST_S = 14 * 86_400, 2 * 3_600

_KINDS = ("INTERNAL", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
_STATUSES = ("UNSET", "OK", "ERROR")
_DEEPEST = 64
_HEX = re.compile("[0-9a-f]+")

Json = Mapping[str, Any]


LONG_RESOURCE = "attributes of a resource over 16 KB"
MANY_SPANS = "more than 10,000 spans in a request"
LONG_SPAN = "a span over 200 KB"
TRACE_ID = "a trace id that is not 32 hexadecimal digits, or zero"
SPAN_ID = "a span id that is not 16 hexadecimal digits, or zero"
PARENT_ID = "a parent id that is not 16 hexadecimal digits"
START = "a start more than 14 days ago, or more than 2 hours ahead"
END = "an end before 1970 or after 2099"
NO_SPAN = "a span with a field of a wrong type or out of range"
DEEP_SPAN = "a span nested too deep"
NOT_JSON = "a request that is not JSON"
NO_EXPORT = "a request that is no export of spans"
LONG_REQUEST = "a request over 5 MB"
NOT_GZIP = "a request that is not gzip"

FLAWS: Mapping[str, Flaw] = {
    LONG_RESOURCE: Flaw.OVER_LIMIT,
    MANY_SPANS: Flaw.OVER_LIMIT,
    LONG_SPAN: Flaw.OVER_LIMIT,
    TRACE_ID: Flaw.BAD_TRACE_ID,
    SPAN_ID: Flaw.BAD_ID,
    PARENT_ID: Flaw.BAD_FIELD,
    START: Flaw.BAD_FIELD,
    END: Flaw.BAD_FIELD,
    NO_SPAN: Flaw.BAD_FIELD,
    DEEP_SPAN: Flaw.OVER_LIMIT,
    NOT_JSON: Flaw.NOT_JSON,
    NO_EXPORT: Flaw.UNREADABLE,
    LONG_REQUEST: Flaw.OVER_LIMIT,
    NOT_GZIP: Flaw.UNREADABLE,
}
"""Why a span or a whole request is refused, and as what it is counted."""


class Unreadable(ValueError):
    """The request as a whole is no OTLP; ``why`` is one of :data:`FLAWS`."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(slots=True)
class Received:
    """The spans of a request; ``refused`` counts the others by why."""

    spans: list[OtelSpan] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)

    def refuse(self, why: str, count: int = 1) -> None:
        self.refused[why] = self.refused.get(why, 0) + count

    @property
    def message(self) -> str:
        return "; ".join(f"{count}: {why}" for why, count in self.refused.items())


def from_protobuf(body: bytes, now_s: float) -> Received:
    """The spans of an ExportTraceServiceRequest."""
    request = service.ExportTraceServiceRequest()
    try:
        request.ParseFromString(body)
    except DecodeError as error:
        raise Unreadable(f"not an ExportTraceServiceRequest: {error}", NO_EXPORT) from error
    found = Received()
    for group in request.resource_spans:
        resource = _attributes(group.resource.attributes)
        spans = [span for scope in group.scope_spans for span in scope.spans]
        if group.resource.ByteSize() > LONGEST_RESOURCE:
            found.refuse(LONG_RESOURCE, len(spans))
            continue
        for span in spans:
            _take(found, _of_protobuf(span, resource), span.ByteSize(), now_s)
    return found


def from_json(body: bytes, now_s: float) -> Received:
    """The same in OTLP's JSON, where ids are hexadecimal."""
    try:
        request = orjson.loads(body)
        found = Received()
        for group in _list(_object(request).get("resourceSpans")):
            told = _list(_object(group.get("resource")).get("attributes"))
            spans = [
                s for scope in _list(group.get("scopeSpans")) for s in _list(scope.get("spans"))
            ]
            _take_group(found, told, spans, now_s)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error}", NOT_JSON) from error
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise Unreadable(f"not an ExportTraceServiceRequest: {error}", NO_EXPORT) from error
    return found


def _take_group(found: Received, told: list[Any], spans: list[Any], now_s: float) -> None:
    """Spans of one resource; one that cannot be read takes no other with it."""
    try:
        resource = _plain(told)
        if len(orjson.dumps(told)) > LONGEST_RESOURCE:
            found.refuse(LONG_RESOURCE, len(spans))
            return
    except _ODD:
        found.refuse(NO_SPAN, len(spans))
        return
    for given in spans:
        try:
            span = _of_json(given, resource)
        except _ODD:
            found.refuse(NO_SPAN)
            continue
        try:
            size = len(orjson.dumps(given))
        except orjson.JSONEncodeError:  # more levels than it can write
            found.refuse(DEEP_SPAN)
        else:
            _take(found, span, size, now_s)


_ODD = (TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What reading raises where a field has a value that no sender of OTLP writes."""


def answer_protobuf(found: Received) -> bytes:
    """An ExportTraceServiceResponse that says what was refused."""
    response = service.ExportTraceServiceResponse()
    if found.refused:
        response.partial_success.rejected_spans = sum(found.refused.values())
        response.partial_success.error_message = found.message
    return bytes(response.SerializeToString())


def answer_json(found: Received) -> bytes:
    """The same in JSON."""
    if not found.refused:
        return b"{}"
    rejected = str(sum(found.refused.values()))
    return orjson.dumps(
        {"partialSuccess": {"rejectedSpans": rejected, "errorMessage": found.message}}
    )


def _take(found: Received, span: OtelSpan, size: int, now_s: float) -> None:
    why = _flaw(span, size, now_s)
    if not why and len(found.spans) >= MOST_SPANS:
        why = MANY_SPANS
    if why:
        found.refuse(why)
    else:
        found.spans.append(span)


def _flaw(span: OtelSpan, size: int, now_s: float) -> str:
    if size > LONGEST_SPAN:
        return LONG_SPAN
    if not _is_id(span.trace_id, 32):
        return TRACE_ID
    if not _is_id(span.span_id, 16):
        return SPAN_ID
    if span.parent_id and not _is_id(span.parent_id, 16):
        return PARENT_ID
    start = span.start / 1e9
    if not now_s - OLDEST_S <= start <= now_s + NEWEST_S:
        return START
    if not 0 <= span.end < LATEST_S * 10**9:
        return END
    return ""


def _is_id(text: str, digits: int) -> bool:
    # Not by int(): that takes `_`, `+`, `0x` and digits of other scripts as well.
    return len(text) == digits and _HEX.fullmatch(text) is not None and text.strip("0") != ""


def _of_protobuf(span: Span, resource: Json) -> OtelSpan:
    parent = span.parent_span_id.hex()
    return OtelSpan(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id="" if parent.strip("0") == "" else parent,
        name=span.name,
        kind=_named(_KINDS, span.kind),
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        status=_named(_STATUSES, span.status.code),
        status_message=span.status.message,
        attributes=_attributes(span.attributes),
        resource=resource,
        events=[{"name": e.name, "attributes": _attributes(e.attributes)} for e in span.events],
        links=[
            {
                "trace_id": link.trace_id.hex(),
                "span_id": link.span_id.hex(),
                "attributes": _attributes(link.attributes),
            }
            for link in span.links
        ],
    )


def _attributes(given: Any) -> dict[str, Any]:
    pairs: Iterator[KeyValue] = iter(given)
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue, depth: int = 0) -> Any:
    kind = value.WhichOneof("value")
    if kind is None or depth > _DEEPEST:
        return None
    if kind == "array_value":
        return [_value(one, depth + 1) for one in value.array_value.values]
    if kind == "kvlist_value":
        return {p.key: _value(p.value, depth + 1) for p in value.kvlist_value.values}
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    return getattr(value, kind)


def _of_json(span: Json, resource: Json) -> OtelSpan:
    status = _object(span.get("status"))
    parent = str(span.get("parentSpanId") or "").lower()
    return OtelSpan(
        trace_id=str(span.get("traceId") or "").lower(),
        span_id=str(span.get("spanId") or "").lower(),
        parent_id="" if parent.strip("0") == "" else parent,
        name=str(span.get("name") or ""),
        kind=_enum(span.get("kind"), _KINDS, "SPAN_KIND_"),
        start=int(span.get("startTimeUnixNano") or 0),
        end=int(span.get("endTimeUnixNano") or 0),
        status=_enum(status.get("code"), _STATUSES, "STATUS_CODE_"),
        status_message=str(status.get("message") or ""),
        attributes=_plain(_list(span.get("attributes"))),
        resource=resource,
        events=[
            {"name": e.get("name"), "attributes": _plain(_list(e.get("attributes")))}
            for e in _list(span.get("events"))
        ],
        links=[
            {
                "trace_id": str(link.get("traceId") or ""),
                "span_id": str(link.get("spanId") or ""),
                "attributes": _plain(_list(link.get("attributes"))),
            }
            for link in _list(span.get("links"))
        ],
    )


def _plain(pairs: list[Json]) -> dict[str, Any]:
    return {
        str(pair["key"]): _plain_value(_object(pair.get("value")))
        for pair in pairs
        if "key" in pair
    }


def _plain_value(value: Json, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return None
    for name, made in value.items():
        if name == "intValue":
            return _int64(made)
        if name == "arrayValue":
            return [_plain_value(one, depth + 1) for one in _list(_object(made).get("values"))]
        if name == "kvlistValue":
            pairs = _list(_object(made).get("values"))
            return {
                str(p.get("key")): _plain_value(_object(p.get("value")), depth + 1) for p in pairs
            }
        if name == "bytesValue":
            return _bytes(made)
        if name in ("stringValue", "boolValue", "doubleValue"):
            return made
    return None


def _int64(given: Any) -> int:
    number = int(given)
    if not -(2**63) <= number < 2**63:
        raise ValueError("an intValue of more than 64 bits")
    return number


def _bytes(text: Any) -> str:
    try:
        base64.b64decode(str(text), validate=True)
    except binascii.Error:
        return ""
    return str(text)


def _named(names: tuple[str, ...], number: int) -> str:
    return names[number] if 0 <= number < len(names) else names[0]


def _enum(given: Any, names: tuple[str, ...], prefix: str) -> str:
    if isinstance(given, int) and not isinstance(given, bool):
        return _named(names, given)
    name = str(given or "").removeprefix(prefix)
    return name if name in names else names[0]


def _object(value: Any) -> Json:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"{type(value).__name__} where an object belongs")
    return value


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"{type(value).__name__} where a list belongs")
    return value
