"""Spans as Transaction Search writes them into the log group ``aws/spans``: a JSON object each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from app.model.otel import OtelSpan
from app.model.traces import Flaw, is_span_id, w3c_id, xray_id

_DIGITS = 20
"""So many digits a time in nanoseconds has at most."""

_KINDS = frozenset({"INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"})


def span_of_event(message: str) -> OtelSpan | Flaw:
    """The span in a log event, or why there is none."""
    try:
        given = orjson.loads(message)
    except orjson.JSONDecodeError:
        return Flaw.NOT_JSON
    if not isinstance(given, dict) or "traceId" not in given or "spanId" not in given:
        return Flaw.UNREADABLE
    start, end = _whole(given.get("startTimeUnixNano")), _whole(given.get("endTimeUnixNano"))
    trace_id = xray_id(str(given["traceId"]))
    if trace_id is None or not w3c_id(trace_id).strip("0"):
        return Flaw.BAD_TRACE_ID
    span_id = str(given["spanId"]).lower()
    if not is_span_id(span_id) or not span_id.strip("0"):
        return Flaw.BAD_ID
    if not start:
        return Flaw.MISSING_FIELD
    duration = _whole(given.get("durationNano"))
    parent = str(given.get("parentSpanId") or "").lower()
    status = _object(given.get("status"))
    return OtelSpan(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=parent if parent.strip("0") else "",
        name=str(given.get("name") or ""),
        kind=_kind(given.get("kind")),
        start=start,
        end=end or (start + duration if duration else 0),
        status=str(status.get("code") or "UNSET").removeprefix("STATUS_CODE_"),
        status_message=str(status.get("message") or ""),
        attributes=_object(given.get("attributes")),
        resource=_object(_object(given.get("resource")).get("attributes")),
        events=[_object(one) for one in _list(given.get("events"))],
        links=[
            {
                "trace_id": str(one.get("traceId") or ""),
                "span_id": str(one.get("spanId") or ""),
                "attributes": _object(one.get("attributes")),
            }
            for one in map(_object, _list(given.get("links")))
        ],
    )


def _kind(given: object) -> str:
    name = str(given or "").removeprefix("SPAN_KIND_")
    return name if name in _KINDS else "INTERNAL"


def _whole(given: object) -> int:
    if isinstance(given, str) and given.isdecimal() and len(given) <= _DIGITS:
        return int(given)
    return int(given) if isinstance(given, int) and not isinstance(given, bool) else 0


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
