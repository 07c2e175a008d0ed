"""Under which span a log line stands: the request that it names, where it was logged, its time.

A line tells its request id, or its group the service; within that service's segment the
innermost step of the code that ran then has written it. Calls of others write no lines here.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.model.time import epoch_ms
from app.model.traces import Segment, SpanKind, Trace
from app.read.trace_page.answers import TraceLine

MILLISECOND = 1_000
"""Lines are timed in whole milliseconds, spans in microseconds."""

_FUNCTION = "AWS::Lambda::Function"


def placed(trace: Trace, lines: Sequence[TraceLine]) -> tuple[str, ...]:
    """The id of the span of each line; "" where the trace has no segment of its own."""
    segments = [one for one in trace.segments if one.kind is not SpanKind.INFERRED]
    return tuple(_span(segments, line) for line in lines)


def _span(segments: Sequence[Segment], line: TraceLine) -> str:
    if not segments:
        return ""
    at = epoch_ms(line.at) * 1000
    candidates = _named(segments, line) or _of_group(segments, line) or segments
    segment = min(candidates, key=lambda one: (_distance(one, at), *_length(one)))
    return _innermost(segment, at)


def _named(segments: Sequence[Segment], line: TraceLine) -> list[Segment]:
    """Segments whose request the line names first; of a function its code before the service."""
    told = [(line.message.find(str(id_)), one) for one in segments if (id_ := _request(one))]
    first = min((at for at, _ in told if at >= 0), default=-1)
    found = [one for at, one in told if at == first >= 0]
    return [one for one in found if one.origin == _FUNCTION] or found


def _request(one: Segment) -> object:
    return one.aws.get("request_id")


def _of_group(segments: Sequence[Segment], line: TraceLine) -> list[Segment]:
    """Segments that log to the line's group, by their own word or by name."""
    tail = line.group.rpartition("/")[2]
    found = [one for one in segments if line.group in _groups(one)]
    found = found or [one for one in segments if tail in (one.name, one.node.name)]
    return [one for one in found if one.origin == _FUNCTION] or found


def _groups(one: Segment) -> list[str]:
    given = one.aws.get("cloudwatch_logs")
    told = given if isinstance(given, list) else []
    return [str(each.get("log_group")) for each in told if isinstance(each, dict)]


def _distance(one: Segment, at: int) -> int:
    """Microseconds between a span and a moment; 0 inside of it."""
    end = one.start if one.end is None else one.end
    if one.end is None and at >= one.start:
        return 0
    return max(0, one.start - at - MILLISECOND + 1, at - end)


def _length(one: Segment) -> tuple[int, int]:
    """The shorter one is nearer to what happened; of equal ones the later."""
    return (2**62 if one.duration is None else one.duration, -one.start)


def _innermost(segment: Segment, at: int) -> str:
    """The innermost own step that ran then, else the segment itself."""
    here = segment
    while True:
        inside = [
            one for one in here.subsegments if one.namespace is None and not _distance(one, at)
        ]
        if not inside:
            return here.id
        here = min(inside, key=_length)
