"""OpenTelemetry spans as segment documents of X-Ray, by the convention of ADOT.

A span of kind SERVER or CONSUMER is a segment, and so is one without a parent; any
other is a subsegment sent on its own. Whoever puts the trace together finds the rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.model.otel_names import (
    ORIGINS,
    database,
    first,
    host_of,
    resource_members,
    service_members,
)
from app.model.traces import Flaw, xray_id

Attributes = Mapping[str, Any]
Document = dict[str, Any]

SERVER, CLIENT, PRODUCER, CONSUMER = "SERVER", "CLIENT", "PRODUCER", "CONSUMER"
ERROR = "ERROR"
_FRAME = re.compile(r'^\s*File "([^"]+)", line (\d{1,9}), in (.+)$')
_JAVA = re.compile(r"^\s*at ([\w.$<>]+)\(([\w.$]+):(\d{1,9})\)$")
_MOST_FRAMES = 100
_STATUS_END = 2**31
_SIGNALS = ("aws.local.", "aws.remote.")
"""What Application Signals writes; its keys are annotations, with their dots."""


@dataclass(frozen=True, slots=True)
class OtelSpan:
    """One span. Ids are hexadecimal (that of its trace in W3C's or X-Ray's form), times
    nanoseconds since 1970; ``end`` 0 is in progress."""

    trace_id: str
    span_id: str
    name: str
    start: int
    end: int
    parent_id: str = ""
    kind: str = "INTERNAL"
    status: str = "UNSET"
    status_message: str = ""
    attributes: Attributes = field(default_factory=dict)
    resource: Attributes = field(default_factory=dict)
    events: Sequence[Mapping[str, Any]] = ()
    """Each with ``name`` and ``attributes``."""

    links: Sequence[Mapping[str, Any]] = ()
    """Each with ``trace_id``, ``span_id`` and ``attributes``."""


def document(span: OtelSpan) -> Document:
    """The document that stands for a span."""
    is_segment = span.kind in (SERVER, CONSUMER) or not span.parent_id
    made: Document = {
        "trace_id": xray_id(span.trace_id) or span.trace_id,
        "id": span.span_id,
        "name": _name(span, is_segment=is_segment),
        "start_time": _seconds(span.start),
        **({"end_time": _seconds(span.end)} if span.end else {"in_progress": True}),
        **({"parent_id": span.parent_id} if span.parent_id else {}),
        **(_segment(span) if is_segment else _subsegment(span)),
        **_outcome(span),
    }
    parts = {
        "http": _http(span),
        "aws": _aws(span, is_segment=is_segment),
        "sql": _sql(span),
        "user": first(span.attributes, "enduser.id", "user.id"),
        "annotations": annotated(span),
        "metadata": _metadata(span),
        "cause": _cause(span),
        "links": _links(span),
    }
    return made | {key: value for key, value in parts.items() if value}


def written(span: OtelSpan) -> bytes | Flaw:
    """The document as JSON, or why there can be none: one odd value must not hold up others."""
    try:
        made = document(span)
    except (ValueError, TypeError, OverflowError):
        return Flaw.BAD_FIELD
    try:
        return orjson.dumps(made, default=str)
    except orjson.JSONEncodeError:  # nested deeper than it can write
        return Flaw.OVER_LIMIT


def annotated(span: OtelSpan) -> dict[str, Any]:
    """Attributes that are indexed: those that are named so, and those of Application Signals."""
    both = {**span.resource, **span.attributes}
    named = both.get("aws.xray.annotations")
    keys = [k for k in named if isinstance(k, str)] if isinstance(named, list | tuple) else []
    found = {key.replace(".", "_"): both[key] for key in keys if key in both}
    signals = {k: v for k, v in span.attributes.items() if k.startswith(_SIGNALS)}
    return {k: v for k, v in (found | signals).items() if isinstance(v, str | bool | int | float)}


def _seconds(nanoseconds: int) -> float:
    """Seconds that are right to the microsecond; dividing by 10⁹ at once is not."""
    return (nanoseconds + 500) // 1000 / 1e6


def _segment(span: OtelSpan) -> Document:
    platform = str(span.resource.get("cloud.platform", ""))
    origin = ORIGINS.get(platform, "")
    if (
        platform == "aws_ecs"
        and str(span.resource.get("aws.ecs.launchtype", "")).lower() == "fargate"
    ):
        origin = "AWS::ECS::Fargate"
    version = span.resource.get("service.version")
    arn = first(span.resource, "aws.lambda.resource_arn", "aws.ecs.task.arn", "cloud.resource_id")
    return {
        **({"origin": origin} if origin else {}),
        **({"service": {"version": str(version)}} if version is not None else {}),
        **({"resource_arn": arn} if arn else {}),
    }


def _subsegment(span: OtelSpan) -> Document:
    namespace = _namespace(span)
    return {"type": "subsegment", **({"namespace": namespace} if namespace else {})}


def _namespace(span: OtelSpan) -> str:
    if span.kind not in (CLIENT, PRODUCER):
        return ""
    system = str(span.attributes.get("rpc.system") or span.attributes.get("rpc.system.name") or "")
    return "aws" if system == "aws-api" else "remote"


def _name(span: OtelSpan, *, is_segment: bool) -> str:
    at = span.attributes
    if is_segment:
        return str(span.resource.get("service.name") or span.name or "unknown")[:200]
    namespace = _namespace(span)
    if namespace == "aws":
        return str(at.get("rpc.service") or span.name)[:200]
    if namespace == "remote":
        found = database(at) or first(at, "peer.service") or host_of(at)
        return str(found or span.name)[:200]
    return (span.name or "unknown")[:200]


def _status(span: OtelSpan) -> int | None:
    given = first(span.attributes, "http.response.status_code", "http.status_code")
    try:
        status = int(given) if given is not None else -1
    except (TypeError, ValueError, OverflowError):
        return None
    return status if 0 <= status < _STATUS_END else None


def _outcome(span: OtelSpan) -> Document:
    status = _status(span)
    if span.status != ERROR:
        return {}
    if status == 429:
        return {"error": True, "throttle": True}
    if status is not None and 400 <= status < 500:
        return {"error": True}
    return {"fault": True}


def _http(span: OtelSpan) -> Document:
    at, status = span.attributes, _status(span)
    size = first(at, "http.response.body.size", "http.response_content_length")
    request = {
        "method": first(at, "http.request.method", "http.method"),
        "url": _url(at),
        "user_agent": first(at, "user_agent.original", "http.user_agent"),
        "client_ip": first(at, "client.address", "http.client_ip") if span.kind == SERVER else None,
    }
    response = {"status": status, "content_length": size}
    parts = {"request": _given(request), "response": _given(response)}
    return {key: value for key, value in parts.items() if value}


def _url(at: Attributes) -> str | None:
    whole = first(at, "url.full", "http.url")
    if whole:
        return str(whole)
    path = first(at, "url.path", "http.target", "http.route")
    if not path:
        return None
    scheme = first(at, "url.scheme", "http.scheme") or "http"
    query = f"?{at['url.query']}" if at.get("url.query") else ""
    host = host_of(at) or "localhost"
    return f"{scheme}://{host}{path}{query}"


def _aws(span: OtelSpan, *, is_segment: bool) -> Document:
    account = span.resource.get("cloud.account.id")
    members = resource_members(span.resource) if is_segment else {}
    if _namespace(span) == "aws":
        members |= service_members(span.attributes, span.resource)
    request = first(span.attributes, "aws.request_id", "aws.requestId", "faas.invocation_id")
    more = {"account_id": account if is_segment else None, "request_id": request}
    return members | _given(more)


def _sql(span: OtelSpan) -> Document:
    at = span.attributes
    system = first(at, "db.system.name", "db.system")
    if not system or system in ("dynamodb", "aws.dynamodb", "redis", "mongodb"):
        return {}
    return _given(
        {
            "database_type": system,
            "sanitized_query": first(at, "db.query.text", "db.statement"),
            "user": at.get("db.user"),
            "url": at.get("db.connection_string"),
        }
    )


def _metadata(span: OtelSpan) -> Document:
    taken = set(annotated(span))
    rest = {k: v for k, v in span.attributes.items() if k not in taken}
    parts = {
        "default": rest,
        "resource": dict(span.resource),
        "otel": {"name": span.name, "kind": span.kind},
    }
    return {key: value for key, value in parts.items() if value}


def _cause(span: OtelSpan) -> Document:
    found = [
        _exception(span, number, e) for number, e in enumerate(span.events) if _is_exception(e)
    ]
    if not found and span.status == ERROR and span.status_message:
        found = [
            {"id": _hash(span.span_id, "status"), "message": span.status_message, "type": ERROR}
        ]
    return {"exceptions": found} if found else {}


def _is_exception(event: Mapping[str, Any]) -> bool:
    return event.get("name") == "exception"


def _exception(span: OtelSpan, number: int, event: Mapping[str, Any]) -> Document:
    told = event.get("attributes")
    at: Attributes = told if isinstance(told, Mapping) else {}
    return _given(
        {
            "id": _hash(span.span_id, str(number)),
            "type": at.get("exception.type"),
            "message": at.get("exception.message"),
            "stack": frames(str(at.get("exception.stacktrace") or "")),
        }
    )


def frames(stack: str) -> list[Document]:
    """Frames of a Python or Java stack trace, innermost first; of others nothing."""
    python = [
        {"path": m[1], "line": int(m[2]), "label": m[3]}
        for m in map(_FRAME.match, stack.splitlines())
        if m
    ]
    if python:
        return python[::-1][:_MOST_FRAMES]
    found = (m for m in map(_JAVA.match, stack.splitlines()) if m)
    return [{"path": m[2], "line": int(m[3]), "label": m[1]} for m in found][:_MOST_FRAMES]


def _links(span: OtelSpan) -> list[Document]:
    return [
        {
            "trace_id": xray_id(str(one.get("trace_id"))) or str(one.get("trace_id")),
            "id": one.get("span_id"),
            **({"attributes": one["attributes"]} if one.get("attributes") else {}),
        }
        for one in span.links
    ]


def _given(members: Document) -> Document:
    return {key: value for key, value in members.items() if value not in (None, "", [])}


def _hash(*parts: str) -> str:
    return hashlib.blake2b("/".join(parts).encode(), digest_size=8).hexdigest()
