"""Values of traces: segments, what is wrong with them, a whole trace and its summary.

Times are whole microseconds since 1970, because differences of the float seconds
that X-Ray writes are never exactly what they look like. ``error``, ``fault`` and
``throttle`` are judged here already: from the flags and from the HTTP status.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.model.ids import Place

Annotation = str | float | bool

XRAY = "xray"
"""The service under which groups, sampling rules and insights are kept as resources."""

SAMPLING_NAMESPACE = "Watchdeck/XRay"
"""Where series go that tell what sampling rules saw (RequestCount) and kept (SampledCount)."""

_XRAY_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_W3C_ID = re.compile(r"[0-9a-f]{32}")
_SPAN_ID = re.compile(r"[0-9a-f]{16}")


class TraceSource(StrEnum):
    """Where the documents of a trace came from."""

    XRAY = "xray"
    OTLP = "otlp"
    AWS_SPANS = "aws_spans"


class SpanKind(StrEnum):
    """INFERRED stands for a callee that sent no segment of its own."""

    SEGMENT = "segment"
    SUBSEGMENT = "subsegment"
    INFERRED = "inferred"


class Outcome(StrEnum):
    """What a span counts as in statistics, exactly one."""

    OK = "ok"
    ERROR = "error"
    THROTTLE = "throttle"
    FAULT = "fault"


class Flaw(StrEnum):
    """What can be wrong with a document, a segment or a trace."""

    NOT_JSON = "not JSON"
    TOO_LONG = "over 64 KB"
    MISSING_FIELD = "a required field is missing"
    BAD_FIELD = "a field has a wrong value"
    BAD_ID = "the id is not 16 hexadecimal digits"
    BAD_TRACE_ID = "the trace id is malformed"
    OTHER_TRACE = "belongs to another trace"
    OPEN_AND_ENDED = "in progress, and ended"
    ENDS_BEFORE_START = "ends before it starts"
    SAME_ID = "an id occurs twice"
    NO_PARENT = "its parent is not there"
    LOOP = "is its own ancestor"
    CLOCK_SKEW = "starts before its caller"
    NEVER_FINISHED = "in progress, never finished"
    LIMIT_EXCEEDED = "X-Ray has dropped segments of this trace"
    TOO_MANY = "more segments than a trace may have"
    OVER_LIMIT = "over a limit of where it came from"
    UNREADABLE = "is no span"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something malformed; ``span_id`` is empty where no id could be read.

    ``sender`` is the source and place that it came from, as :class:`Origin` writes them.
    """

    flaw: Flaw
    span_id: str = ""
    detail: str = ""
    sender: str = field(default="", compare=False)

    def __str__(self) -> str:
        whose = f"{self.span_id}: " if self.span_id else ""
        return f"{whose}{self.flaw}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent a document, and from where; its account stands for segments that tell none.

    ``weight`` is what a whole trace stands for, see :class:`TraceDocuments`.
    """

    place: Place | None = None
    source: TraceSource = TraceSource.XRAY
    weight: float = 1.0

    @property
    def account(self) -> str:
        return self.place.account if self.place else ""

    @property
    def sender(self) -> str:
        """Source and place in one text."""
        return f"{self.source} {self.place}" if self.place else str(self.source)


NOWHERE = Origin()


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A node of the service graph. Account and type are empty where there is none."""

    account: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment, a subsegment or an inferred segment, with everything below it.

    ``segment_id`` is the id of the segment that it belongs to, its own for one.
    ``node`` is the node that it works in; an inferred one is that node itself.
    ``document`` is the JSON object as it came, without its subsegments. ``collected``
    tells the account and Region where it was collected, and from whom.
    """

    id: str
    trace_id: str
    name: str
    kind: SpanKind
    start: int
    end: int | None
    segment_id: str
    node: Node
    parent_id: str | None = None
    in_progress: bool = False
    error: bool = False
    fault: bool = False
    throttle: bool = False
    origin: str | None = None
    namespace: str | None = None
    user: str | None = None
    resource_arn: str | None = None
    http: Mapping[str, Any] = field(default_factory=dict)
    aws: Mapping[str, Any] = field(default_factory=dict)
    sql: Mapping[str, Any] = field(default_factory=dict)
    service: Mapping[str, Any] = field(default_factory=dict)
    cause: Mapping[str, Any] | str | None = None
    annotations: Mapping[str, Annotation] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    links: tuple[Mapping[str, Any], ...] = ()
    subsegments: tuple[Segment, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)
    collected: Origin = NOWHERE

    @property
    def duration(self) -> int | None:
        """Microseconds from start to end, None while in progress."""
        return None if self.end is None else self.end - self.start

    @property
    def ok(self) -> bool:
        return not (self.error or self.fault or self.throttle)

    @property
    def outcome(self) -> Outcome:
        """Throttle first, then fault, then error."""
        if self.throttle:
            return Outcome.THROTTLE
        if self.fault:
            return Outcome.FAULT
        return Outcome.ERROR if self.error else Outcome.OK

    @property
    def request(self) -> Mapping[str, Any]:
        """``http.request``, empty if there is none."""
        return _mapping(self.http.get("request"))

    @property
    def response(self) -> Mapping[str, Any]:
        """``http.response``, empty if there is none."""
        return _mapping(self.http.get("response"))

    @property
    def status(self) -> int | None:
        return status_of(self.http)

    @property
    def exceptions(self) -> tuple[Mapping[str, Any], ...]:
        """``cause.exceptions``; none where ``cause`` is the id of one recorded elsewhere."""
        found = self.cause.get("exceptions") if isinstance(self.cause, Mapping) else None
        return tuple(e for e in found if isinstance(e, Mapping)) if isinstance(found, list) else ()

    def walk(self) -> Iterator[Segment]:
        """This one and everything below it, each before what it holds."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting.extend(reversed(one.subsegments))


@dataclass(frozen=True, slots=True)
class Summary:
    """A trace in one row, after what GetTraceSummaries gives. Times in microseconds.

    ``response_time`` is the root's own duration, ``duration`` reaches from the
    first start to the last end. ``causes`` holds AWS's own FaultRootCauses,
    ErrorRootCauses and ResponseTimeRootCauses, as it gave them.
    """

    trace_id: str
    start: int
    duration: int | None = None
    response_time: int | None = None
    fault: bool = False
    error: bool = False
    throttle: bool = False
    in_progress: bool = False
    partial: bool = False
    inferred: bool = False
    url: str | None = None
    method: str | None = None
    status: int | None = None
    user_agent: str | None = None
    client_ip: str | None = None
    entry: Node | None = None
    annotations: Mapping[str, tuple[Annotation, ...]] = field(default_factory=dict)
    users: tuple[str, ...] = ()
    services: tuple[Node, ...] = ()
    resource_arns: tuple[str, ...] = ()
    instance_ids: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    cold_start: bool | None = None
    revision: int = 0
    causes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """What X-Ray of one place says of a trace: each place knows only the segments sent to it.

    ``told`` is its summary; where the segments are here (``whole``) they tell themselves,
    and only the root causes and ``partial`` (None: not said) are taken from it.
    """

    place: Place | None
    told: Summary
    whole: bool
    partial: bool | None = None
    weight: float = 1.0

    @property
    def revision(self) -> int:
        return self.told.revision


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace, whatever places its segments were sent to, and by whom.

    ``segments`` are the real and the inferred ones, by start; a subsegment whose parent is
    not there stands among them. ``root`` is the earliest real segment whose parent is not in
    the trace. ``place`` is where it began, ``places`` all where a part of it was collected.
    ``views`` are what X-Ray says of it, by place.
    """

    trace_id: str
    segments: tuple[Segment, ...]
    root: Segment | None
    summary: Summary
    problems: tuple[Problem, ...] = ()
    place: Place | None = None
    source: TraceSource = TraceSource.XRAY
    weight: float = 1.0
    places: tuple[Place, ...] = ()
    views: tuple[View, ...] = ()

    def walk(self) -> Iterator[Segment]:
        """Every segment with its subsegments, each before what it holds."""
        for segment in self.segments:
            yield from segment.walk()


@dataclass(frozen=True, slots=True)
class TraceDocuments:
    """What a collector hands over of one trace.

    ``documents`` are JSON texts of segments, as X-Ray writes them. With ``whole``
    they are all that this source has of it in this place, and replace what is stored
    from there; otherwise they are added. ``summary`` is what GetTraceSummaries said of the trace.
    ``problems`` were found before there was a document. ``weight`` is how many traces
    a whole one stands for: all that failed are fetched and stand for themselves, of
    those that did not only a share is, and each stands for those that were left out.
    """

    trace_id: str
    place: Place
    source: TraceSource
    documents: tuple[str | bytes, ...] = ()
    whole: bool = False
    summary: Mapping[str, Any] | None = None
    problems: tuple[Problem, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class OwedTrace:
    """A trace that is still to be fetched whole from X-Ray of a place.

    ``since`` is when that was first wanted; X-Ray was asked in vain ``tries`` times.
    """

    trace_id: str
    place: Place
    since: datetime
    tries: int = 0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class RefusedSpans:
    """Malformed documents or spans that belong to no trace, counted by what was wrong."""

    place: Place
    source: TraceSource
    flaw: Flaw
    detail: str
    count: int


def xray_id(text: str) -> str | None:
    """A trace id in X-Ray's form, from that or W3C's form; None if it is neither."""
    lower = text.strip().lower()
    if _XRAY_ID.fullmatch(lower):
        return lower
    return f"1-{lower[:8]}-{lower[8:]}" if _W3C_ID.fullmatch(lower) else None


def w3c_id(trace_id: str) -> str:
    """A trace id in X-Ray's form as the 32 digits of W3C and OpenTelemetry."""
    return trace_id[2:10] + trace_id[11:]


def is_span_id(value: object) -> bool:
    """Whether this is an id of a segment: 16 hexadecimal digits."""
    return isinstance(value, str) and _SPAN_ID.fullmatch(value) is not None


def is_trace_id(value: object) -> bool:
    """Whether this is a trace id in X-Ray's form."""
    return isinstance(value, str) and _XRAY_ID.fullmatch(value) is not None


def shard_of(trace_id: str) -> int:
    """By what rows of a trace lie together: 32 bits of the random part of its id."""
    return int(trace_id[-8:], 16)


def status_of(http: Mapping[str, Any]) -> int | None:
    """``http.response.status``, None if it is no number."""
    status = _mapping(http.get("response")).get("status")
    if isinstance(status, bool) or not isinstance(status, int | float | str):
        return None
    try:
        return int(status)
    except (ValueError, OverflowError):
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if type(value) is dict or isinstance(value, Mapping) else {}
