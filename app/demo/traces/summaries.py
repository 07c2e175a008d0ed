"""A trace as GetTraceSummaries gives it."""

from __future__ import annotations

from typing import Any

from app.demo.traces.book import Seen
from app.model.traces import Annotation, Node, Segment, SpanKind, Trace

Json = dict[str, Any]


def summary(seen: Seen) -> Json:
    """All members of a TraceSummary."""
    trace, told = seen.trace, seen.trace.summary
    client = [] if told.entry is None or told.url is None else [_service(_client(told.entry))]
    answer: Json = {
        "Id": told.trace_id,
        "StartTime": told.start / 1e6,
        "HasFault": told.fault,
        "HasError": told.error,
        "HasThrottle": told.throttle,
        "IsPartial": told.partial,
        "Http": _http(trace),
        "Annotations": _annotations(trace),
        "Users": [{"UserName": user, "ServiceIds": []} for user in told.users],
        "ServiceIds": [*client, *(_service(node) for node in told.services)],
        "ResourceARNs": [{"ARN": arn} for arn in told.resource_arns],
        "InstanceIds": [{"Id": one} for one in told.instance_ids],
        "AvailabilityZones": [{"Name": zone} for zone in told.zones],
        "FaultRootCauses": _causes(trace, fault=True),
        "ErrorRootCauses": _causes(trace, fault=False),
        "ResponseTimeRootCauses": _slow(trace),
        "Revision": seen.revision,
    }
    if told.duration is not None:
        answer["Duration"] = told.duration / 1e6
    if told.response_time is not None:
        answer["ResponseTime"] = told.response_time / 1e6
    if told.entry is not None:
        answer["EntryPoint"] = _service(told.entry)
    return answer


def _service(node: Node) -> Json:
    return {
        "Name": node.name,
        "Names": [node.name],
        "AccountId": node.account or None,
        "Type": node.type or None,
    }


def _client(entry: Node) -> Node:
    return Node("", entry.name, "client")


def _http(trace: Trace) -> Json:
    told = trace.summary
    given = {
        "HttpURL": told.url,
        "HttpStatus": told.status,
        "HttpMethod": told.method,
        "UserAgent": told.user_agent,
        "ClientIp": told.client_ip,
    }
    return {key: value for key, value in given.items() if value is not None}


def _annotations(trace: Trace) -> Json:
    found: dict[str, dict[tuple[str, Annotation], list[Json]]] = {}
    for segment in trace.segments:
        for span in segment.walk():
            for key, value in span.annotations.items():
                services = found.setdefault(key, {}).setdefault((_kind(value), value), [])
                if _service(segment.node) not in services:
                    services.append(_service(segment.node))
    return {
        key: [
            {"AnnotationValue": {kind: value}, "ServiceIds": services}
            for (kind, value), services in values.items()
        ]
        for key, values in found.items()
    }


def _kind(value: Annotation) -> str:
    if isinstance(value, bool):
        return "BooleanValue"
    return "NumberValue" if isinstance(value, float) else "StringValue"


def _causes(trace: Trace, *, fault: bool) -> list[Json]:
    """The way from the root to what failed first; none without an exception."""
    root = trace.root
    if root is None or not (root.fault if fault else root.error or root.throttle):
        return []
    path = _failing(trace, root)
    if not any(span.exceptions for span in path):
        return []
    return [
        {
            "ClientImpacting": True,
            "Services": [
                _failed_service(trace, path, s) for s in path if s.kind is not SpanKind.SUBSEGMENT
            ],
        }
    ]


def _failing(trace: Trace, root: Segment) -> list[Segment]:
    answers = {segment.parent_id: segment for segment in trace.segments if segment.parent_id}
    path, here = [root], root
    while True:
        inner = [answers[here.id]] if here.id in answers else list(here.subsegments)
        bad = [span for span in inner if not span.ok]
        if not bad:
            return path
        here = bad[0]
        path.append(here)


def _failed_service(trace: Trace, path: list[Segment], owner: Segment) -> Json:
    entities = [
        {
            "Name": span.name,
            "Remote": span.namespace is not None,
            "Exceptions": [
                {"Name": e.get("type"), "Message": e.get("message")} for e in span.exceptions
            ],
        }
        for span in path
        if span.segment_id == owner.id
    ]
    inferred = owner.kind is SpanKind.INFERRED
    return {**_service(owner.node), "Inferred": inferred, "EntityPath": entities}


def _slow(trace: Trace) -> list[Json]:
    """The child that covers more than half of the root's time."""
    root = trace.root
    if root is None or not root.duration:
        return []
    covering = [
        (span, (span.duration or 0) / root.duration)
        for span in root.walk()
        if span is not root and (span.duration or 0) * 2 > root.duration
    ]
    if not covering:
        return []
    entities = [{"Name": root.name, "Coverage": 1.0, "Remote": False}]
    entities += [
        {"Name": span.name, "Coverage": round(share, 3), "Remote": span.namespace is not None}
        for span, share in covering
    ]
    services = [{**_service(root.node), "Inferred": False, "EntityPath": entities}]
    return [{"ClientImpacting": True, "Services": services}]
