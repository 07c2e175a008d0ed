"""The summary of a trace, from its segments, or from what GetTraceSummaries says of it.

:mod:`app.model.trace_views` puts both together.

Whether a trace failed is judged on its root alone, as X-Ray does: an error that was
handled downstream is not one of the trace.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.model.trace_checks import micros
from app.model.trace_nodes import mapping, said, text
from app.model.traces import Annotation, Node, Segment, SpanKind, Summary

CAUSES = ("FaultRootCauses", "ErrorRootCauses", "ResponseTimeRootCauses")
"""What only X-Ray itself can tell of a trace."""

_INITIALIZATION = "Initialization"
_LAMBDA = "AWS::Lambda"


def summary_of(trace_id: str, segments: Sequence[Segment], root: Segment | None) -> Summary:
    """What the segments tell; where there is no real one, how it went is not known."""
    if not segments:
        return of_answer(trace_id, {})
    spans = [span for segment in segments for span in segment.walk()]
    start = min(span.start for span in spans)
    told = of_answer(trace_id, {}, start) if root is None else _of_root(root, start, spans)
    return replace(
        told,
        partial=_partial(spans),
        inferred=any(s.kind is SpanKind.INFERRED for s in segments),
        annotations=_annotations(spans),
        users=_each(span.user for span in spans),
        services=tuple(
            dict.fromkeys(s.node for s in segments if s.kind is not SpanKind.SUBSEGMENT)
        ),
        resource_arns=_each(span.resource_arn for span in spans),
        instance_ids=_each(instance_id(span) for span in spans),
        zones=_each(zone(span) for span in spans),
        versions=_each(text(span.service.get("version")) for span in spans),
        cold_start=_cold_start(spans),
    )


def _of_root(root: Segment, start: int, spans: Sequence[Segment]) -> Summary:
    """What the root decides, and how long all took."""
    return Summary(
        trace_id=root.trace_id,
        start=start,
        duration=_duration(spans),
        response_time=root.duration,
        fault=root.fault,
        error=root.error,
        throttle=root.throttle,
        in_progress=root.in_progress,
        url=said(root.request.get("url")),
        method=said(root.request.get("method")),
        status=None if root.in_progress else root.status,
        user_agent=said(root.request.get("user_agent")),
        client_ip=said(root.request.get("client_ip")),
        entry=root.node,
    )


def of_answer(trace_id: str, given: Mapping[str, Any], start: int | None = None) -> Summary:
    """The summary that GetTraceSummaries gives, as an object of plain JSON."""
    http, entry = mapping(given.get("Http")), given.get("EntryPoint")
    nodes = [node_of_service(one) for one in _objects(given.get("ServiceIds"))]
    return Summary(
        trace_id=trace_id,
        start=_given_start(given) or start or int(trace_id[2:10], 16) * 1_000_000,
        duration=micros(given.get("Duration")),
        response_time=micros(given.get("ResponseTime")),
        fault=given.get("HasFault") is True,
        error=given.get("HasError") is True and given.get("HasThrottle") is not True,
        throttle=given.get("HasThrottle") is True,
        in_progress=given.get("ResponseTime") is None and bool(given),
        partial=given.get("IsPartial") is True,
        url=said(http.get("HttpURL")),
        method=said(http.get("HttpMethod")),
        status=http.get("HttpStatus") if isinstance(http.get("HttpStatus"), int) else None,
        user_agent=said(http.get("UserAgent")),
        client_ip=said(http.get("ClientIp")),
        entry=node_of_service(entry) if isinstance(entry, Mapping) else None,
        annotations=_given_annotations(mapping(given.get("Annotations"))),
        users=_each(text(one.get("UserName")) for one in _objects(given.get("Users"))),
        services=tuple(dict.fromkeys(n for n in nodes if n.type != "client")),
        resource_arns=_each(text(one.get("ARN")) for one in _objects(given.get("ResourceARNs"))),
        instance_ids=_each(text(one.get("Id")) for one in _objects(given.get("InstanceIds"))),
        zones=_each(text(one.get("Name")) for one in _objects(given.get("AvailabilityZones"))),
        revision=_revision(given),
        causes=_causes(given),
    )


def node_of_service(given: Mapping[str, Any]) -> Node:
    """The node that a ServiceId of X-Ray names."""
    return Node(text(given.get("AccountId")), text(given.get("Name")), text(given.get("Type")))


def instance_id(span: Segment) -> str:
    """The EC2 instance that a segment ran on, empty if it tells none."""
    return text(mapping(span.aws.get("ec2")).get("instance_id"))


def zone(span: Segment) -> str:
    """The availability zone that a segment ran in, empty if it tells none."""
    return text(mapping(span.aws.get("ec2")).get("availability_zone"))


def _duration(spans: Sequence[Segment]) -> int | None:
    ends = [span.end for span in spans if span.end is not None]
    if len(ends) < len(spans):
        return None
    return max(ends) - min(span.start for span in spans)


def _partial(spans: Sequence[Segment]) -> bool:
    known = {span.id for span in spans}
    return any(span.parent_id is not None and span.parent_id not in known for span in spans)


def _annotations(spans: Iterable[Segment]) -> dict[str, tuple[Annotation, ...]]:
    found: dict[str, dict[tuple[type, Annotation], None]] = {}
    for span in spans:
        for key, value in span.annotations.items():
            # 1.0 and True are equal, and not the same annotation.
            found.setdefault(key, {})[type(value), value] = None
    return {key: tuple(value for _, value in values) for key, values in found.items()}


def _cold_start(spans: Sequence[Segment]) -> bool | None:
    """Whether a function had to be started; None if the trace holds no function."""
    told = [span.aws.get("cold_start") for span in spans if "cold_start" in span.aws]
    told += [a for span in spans if (a := span.annotations.get("ColdStart")) is not None]
    if True in told or any(span.name == _INITIALIZATION and span.origin is None for span in spans):
        return True
    has_function = any((span.origin or "").startswith(_LAMBDA) for span in spans)
    return False if has_function or told else None


def _given_annotations(given: Mapping[str, Any]) -> dict[str, tuple[Annotation, ...]]:
    found = {key: tuple(_values(_objects(values))) for key, values in given.items()}
    return {key: values for key, values in found.items() if values}


def _values(given: Iterable[Mapping[str, Any]]) -> Iterator[Annotation]:
    for one in given:
        value = mapping(one.get("AnnotationValue"))
        number = value.get("NumberValue")
        if isinstance(number, int | float) and math.isfinite(number):
            yield float(number)
        elif isinstance(value.get("BooleanValue"), bool):
            yield value["BooleanValue"]
        elif isinstance(value.get("StringValue"), str):
            yield value["StringValue"]


def _given_start(given: Mapping[str, Any]) -> int | None:
    start = given.get("StartTime")
    return micros(start.timestamp() if isinstance(start, datetime) else start)


def _revision(given: Mapping[str, Any] | None) -> int:
    revision = (given or {}).get("Revision")
    return revision if isinstance(revision, int) else 0


def _causes(given: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: given[key] for key in CAUSES if given and given.get(key)}


def _objects(given: object) -> list[Mapping[str, Any]]:
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _each(values: Iterable[str | None]) -> tuple[str, ...]:
    """Different values in their order, without empty ones."""
    return tuple(dict.fromkeys(value for value in values if value))
