"""What a condition speaks about: the trace, a service, a call, or a part of a root cause.

Each subject gives the values of a keyword; none means that it is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.query.trace_filter import told
from app.query.trace_filter.documents import Call, Documents, Node, Part, at

_REQUEST = {
    "http.url": "url",
    "http.method": "method",
    "http.useragent": "user_agent",
    "http.clientip": "client_ip",
}
_OF_SEGMENTS = {
    "user": ("user",),
    "availabilityzone": ("aws", "ec2", "availability_zone"),
    "instance.id": ("aws", "ec2", "instance_id"),
    "resource.arn": ("resource_arn",),
}
_OF_CAUSES = {
    "name": "Name",
    "type": "Type",
    "inferred": "Inferred",
    "remote": "Remote",
    "coverage": "Coverage",
    "message": "Message",
}
_OUTCOMES = ("ok", "error", "throttle", "fault")
_OF_ROOT = (*_OUTCOMES, "responsetime", "duration", "http.status", *_REQUEST, "name", "type")
"""What only the root tells, or the summary where there is none."""


class Subject(Protocol):
    """Something that conditions can be held against."""

    def values(self, keyword: str) -> Iterable[Any]: ...

    def annotations(self, side: str, key: str) -> Iterable[Any]: ...


def _present(value: Any) -> list[Any]:
    return [] if value is None else [value]


def _text(value: Any) -> list[Any]:
    """A text, an empty one too: of another type it counts as missing."""
    return [value] if isinstance(value, str) else []


def _told(part: Part, path: tuple[str, ...]) -> list[Any]:
    """What a document tells of itself; an empty text is none."""
    return [value for value in _text(at(part.raw, *path)) if value]


def _of_node(node: Node, part: str) -> list[Any]:
    return _present(getattr(node.key, part) or None)


def _part(part: Part | None, keyword: str) -> list[Any]:
    """Outcome, time and request of one document."""
    if part is None:
        return []
    if keyword in _OUTCOMES:
        return [getattr(part, keyword)]
    if keyword in ("responsetime", "duration"):
        return _present(part.seconds)
    if keyword == "http.status":
        return _present(part.status)
    if keyword in _REQUEST:
        return _text(at(part.raw, "http", "request", _REQUEST[keyword]))
    return []


def _annotated(parts: Iterable[Part], key: str) -> list[Any]:
    found = (at(part.raw, "annotations", key) for part in parts)
    return [value for value in found if isinstance(value, bool | str) or _is_number(value)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) <= sys.float_info.max


@dataclass(frozen=True, slots=True)
class OfTrace:
    """Outside of braces: the root segment, and any segment for what only some of them know."""

    documents: Documents

    def values(self, keyword: str) -> Iterable[Any]:
        documents = self.documents
        if not documents.parts or (documents.root is None and keyword in _OF_ROOT):
            return told.values(documents.told, keyword)
        if keyword == "partial":
            return [documents.partial]
        if keyword == "inferred":
            return [any(segment.inferred for segment in documents.segments)]
        if keyword == "duration":
            return _present(documents.seconds)
        if keyword in _OF_SEGMENTS:
            path = _OF_SEGMENTS[keyword]
            return [v for part in documents.parts for v in _told(part, path)]
        if keyword in ("name", "type"):
            roots = [node for node in documents.nodes if documents.root in node.segments]
            return [v for node in roots for v in _of_node(node, keyword)]
        root = documents.root
        if keyword == "http.status" and root is not None and root.end is None:
            return []  # as HttpStatus of a summary
        return _part(root, keyword)

    def annotations(self, side: str, key: str) -> Iterable[Any]:
        if not self.documents.parts:
            return self.documents.told.annotations.get(key, ())
        return _annotated(self.documents.parts, key)


@dataclass(frozen=True, slots=True)
class OfService:
    """In the braces of ``service()``: one segment, and the node that it belongs to."""

    documents: Documents
    node: Node
    segment: Part

    def values(self, keyword: str) -> Iterable[Any]:
        if keyword == "partial":
            return [self.documents.partial]
        if keyword in ("name", "type"):
            return _of_node(self.node, keyword)
        if keyword in ("inferred", "root"):
            return [getattr(self.node, keyword)]
        if keyword in _OF_SEGMENTS:
            return _told(self.segment, _OF_SEGMENTS[keyword])
        return _part(self.segment, keyword)

    def annotations(self, side: str, key: str) -> Iterable[Any]:
        return _annotated(self.documents.of(self.node), key)


@dataclass(frozen=True, slots=True)
class OfCall:
    """In the braces of ``edge()``: the call as the caller saw it."""

    documents: Documents
    call: Call

    def values(self, keyword: str) -> Iterable[Any]:
        if keyword == "partial":
            return [self.documents.partial]
        if keyword in ("name", "type"):
            return _of_node(self.call.source, keyword)
        if keyword in _OF_SEGMENTS:
            return _told(self.call.caller, _OF_SEGMENTS[keyword])
        return _part(self.call.caller, keyword)

    def annotations(self, side: str, key: str) -> Iterable[Any]:
        if not side:
            return _annotated([self.call.caller], key)
        node = self.call.source if side == "source" else self.call.destination
        return _annotated(self.documents.of(node), key)


@dataclass(frozen=True, slots=True)
class OfCause:
    """In the braces of a root cause: one element of a list of the summary."""

    element: Mapping[str, Any]
    index: int
    length: int

    def values(self, keyword: str) -> Iterable[Any]:
        if keyword == "index":
            return [self.index]
        if keyword in ("first", "last"):
            return [self.index == (0 if keyword == "first" else self.length - 1)]
        return _present(self.element.get(_OF_CAUSES.get(keyword, "")))

    def annotations(self, side: str, key: str) -> Iterable[Any]:
        return ()
