"""One checked part as a value: fields of the document with their types, outcome judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app.model.trace_checks import Checked, Part
from app.model.trace_nodes import mapping, text
from app.model.traces import Annotation, Flaw, Node, Segment, SpanKind, status_of

_TOO_MANY_REQUESTS = 429


def segment_of(
    part: Part, owner: str, node: Node, inner: tuple[Segment, ...], found: Checked
) -> Segment:
    """The value of ``part``, which belongs to the segment ``owner``."""
    document = part.document
    http = mapping(document.get("http"))
    error, fault, throttle = judged(document)
    cause = document.get("cause")
    return Segment(
        id=part.id,
        trace_id=found.trace_id,
        name=str(document["name"]),
        kind=_kind(part),
        start=part.start,
        end=part.end,
        segment_id=owner,
        node=node,
        parent_id=part.parent_id,
        in_progress=part.in_progress,
        error=error,
        fault=fault,
        throttle=throttle,
        origin=text(document.get("origin")) or None,
        namespace=text(document.get("namespace")) or None,
        user=text(document.get("user")) or None,
        resource_arn=text(document.get("resource_arn")) or None,
        http=http,
        aws=mapping(document.get("aws")),
        sql=mapping(document.get("sql")),
        service=mapping(document.get("service")),
        cause=cause if isinstance(cause, Mapping | str) else None,
        annotations=_annotations(part, found),
        metadata=mapping(document.get("metadata")),
        links=_links(document.get("links")),
        subsegments=inner,
        document=document,
        collected=part.origin,
    )


def judged(document: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    """Error, fault and throttle of a document: its flags, or its HTTP status."""
    status = status_of(mapping(document.get("http"))) or 0
    throttle = document.get("throttle") is True or status == _TOO_MANY_REQUESTS
    fault = document.get("fault") is True or 500 <= status < 600
    error = document.get("error") is True or 400 <= status < 500
    return error and not throttle, fault, throttle


def _kind(part: Part) -> SpanKind:
    if part.nested:
        return SpanKind.SUBSEGMENT
    return SpanKind.INFERRED if part.inferred else SpanKind.SEGMENT


def _annotations(part: Part, found: Checked) -> dict[str, Annotation]:
    kept: dict[str, Annotation] = {}
    for key, value in mapping(part.document.get("annotations")).items():
        if isinstance(value, bool | str):
            kept[key] = value
        elif isinstance(value, int | float) and math.isfinite(value):
            kept[key] = float(value)
        else:
            found.flag(Flaw.BAD_FIELD, part.id, f"annotation {key}", part.origin)
    return kept


def _links(given: object) -> tuple[Mapping[str, Any], ...]:
    return (
        tuple(one for one in given if isinstance(one, Mapping)) if isinstance(given, list) else ()
    )
