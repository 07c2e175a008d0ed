"""What the waterfall needs to know of a segment or subsegment, and where it finds that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.model.traces import Outcome, Segment, SpanKind, Trace

Stretch = tuple[int, int]
"""From one microsecond to another, half-open."""


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of work: times in microseconds, ``end`` None while it is not over.

    ``service`` is where it ran (the name of its segment), ``target`` what it
    called, as far as an inferred segment tells.
    """

    id: str
    parent: str
    name: str
    service: str
    start: int
    end: int | None
    kind: SpanKind = SpanKind.SUBSEGMENT
    outcome: Outcome = Outcome.OK
    operation: str = ""
    status: int | None = None
    target: str = ""

    @property
    def label(self) -> str:
        """What it did: its name, and the operation where there is one."""
        return f"{self.name} {self.operation}" if self.operation else self.name


def spans_of(trace: Trace) -> list[Span]:
    """Every segment and subsegment of a trace."""
    return [span for segment in trace.segments for span in _spans(segment)]


def _spans(top: Segment) -> Iterator[Span]:
    waiting = [(top, top.parent_id or "")]
    while waiting:
        one, parent = waiting.pop()
        yield _span(one, parent, top)
        waiting.extend((each, each.parent_id or one.id) for each in one.subsegments)


def _span(one: Segment, parent: str, top: Segment) -> Span:
    return Span(
        one.id,
        parent,
        one.name,
        one.node.name or top.name,
        one.start,
        one.end,
        one.kind,
        one.outcome,
        str(one.aws.get("operation") or ""),
        one.status,
    )
