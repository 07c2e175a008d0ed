"""What ``watchdeck traces`` tells; it asks the store and never AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.catalogue import load_catalogue
from app.config import Settings
from app.model import written
from app.model.errors import ConfigError
from app.model.service_map import Counts
from app.model.time import Window
from app.model.traces import Node, Segment, SpanKind, Trace, xray_id
from app.read import Reads, Scope
from app.read.moments import moment
from app.read.traces import told
from app.run import show
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.report_store import opened

SPAN = timedelta(hours=1)
"""What is asked when neither start nor end is given."""


@dataclass(frozen=True, slots=True)
class Question:
    """A filter expression and the time it is asked of, as they were typed."""

    text: str
    since: str | None
    until: str | None

    def window(self, now: datetime) -> Window:
        end = moment(self.until, now, "--until") if self.until else now
        start = moment(self.since, now, "--since") if self.since else end - SPAN
        if end < start:
            raise ConfigError(f"--until ({end:%Y-%m-%d %H:%M:%S}) lies before --since; swap them")
        return Window(start, end)


def listed(settings: Settings, question: Question, limit: int, *, slowest: bool, json: bool) -> int:
    """The traces that match, newest or slowest first."""
    with _asked(settings, question) as (reads, scope):
        found = reads.traces.found(scope, question.text, limit, slowest=slowest)
        why = [] if found.traces else _nothing(reads, scope)
    if json:
        show.as_json(found)
        return Exit.OK
    columns = ("at (UTC)", "trace", "outcome", "took", "status", "request")
    show.lines(why or _aligned(columns, [_cells(row) for row in found.traces]))
    if found.more:
        show.lines([f"There are more than {limit}; --limit shows more of them."])
    show.lines(_left(found.undecided))
    return Exit.OK


def shown(settings: Settings, trace_id: str, *, json: bool) -> int:
    """One trace as a tree, with what is wrong with it."""
    with opened(settings) as store:
        reads = Reads(store, load_catalogue(settings.catalogue.extras), settings)
        trace = reads.traces.trace(trace_id, reads.places, utc_now())
    if trace is None:
        raise ConfigError(_not_there(trace_id, settings))
    if json:
        show.as_json(told(trace))
        return Exit.OK
    show.lines([*(_tree(trace) if trace.segments else _summed_up(trace))])
    for view in trace.views:
        if not view.whole:
            show.lines(["", f"Of its part in {view.place} only X-Ray's summary is stored."])
    if trace.problems:
        show.lines(["", "Malformed:", *(f"  {problem}" for problem in trace.problems)])
    return Exit.OK


def malformed(settings: Settings, question: Question, *, json: bool) -> int:
    """What was wrong with traces, the most frequent first."""
    with _asked(settings, question) as (reads, scope):
        found = reads.traces.malformed(scope)
        stored = found or reads.traces.stored(scope)
        why = [] if stored else _nothing(reads, scope)
    if json:
        show.as_json([show.plain(each) for each in found])
        return Exit.OK
    if not found:
        show.lines(why or ["Nothing in the traces of this time is malformed."])
        return Exit.OK
    rows = [
        (str(one.flaw), one.source, f"{one.count:,}", f"{one.traces:,}", one.newest or one.detail)
        for one in found
    ]
    show.lines(_aligned(("what", "from", "times", "traces", "one of them"), rows))
    return Exit.OK


def mapped(settings: Settings, question: Question, *, by_host: bool, json: bool) -> int:
    """Services and calls, the busiest first."""
    with _asked(settings, question) as (reads, scope):
        found = reads.traces.service_map(scope, question.text, by_host=by_host)
        undecided = reads.traces.undecided(scope, question.text)
        why = [] if found.nodes else _nothing(reads, scope)
    if json:
        show.as_json({**show.plain(found), "undecided": undecided})
        return Exit.OK
    if why:
        show.lines([*why, *_left(undecided)])
        return Exit.OK
    nodes = [(_title(n.node), n.node.type, *_numbers(n.counts)) for n in found.nodes]
    numbers = ("requests", "failed", "p50", "p99")
    show.lines(_aligned(("service", "type", *numbers), nodes))
    if found.edges:
        calls = [
            (_end(e.source), "link" if e.link else "", _end(e.target), *_numbers(e.counts))
            for e in found.edges
        ]
        show.lines(["", *_aligned(("caller", "", "called", *numbers), calls)])
    told = f"Drawn from {show.counted(found.traces, 'trace')}; these are sampled requests."
    show.lines(["", told, *_left(undecided)])
    return Exit.OK


@contextmanager
def _asked(settings: Settings, question: Question) -> Iterator[tuple[Reads, Scope]]:
    now = utc_now()
    window = question.window(now)
    with opened(settings) as store:
        reads = Reads(store, load_catalogue(settings.catalogue.extras), settings)
        yield reads, Scope(window, reads.places, now)


def _nothing(reads: Reads, scope: Scope) -> list[str]:
    """Why there is nothing to show: nothing matches, nothing is stored, or it could not be read."""
    count = reads.traces.stored(scope)
    if count:
        is_ = "is" if count == 1 else "are"
        return [f"No trace matches; {show.counted(count, 'trace')} of this time {is_} stored."]
    newest = reads.traces.newest(scope)
    told = "No trace is stored."
    if newest is not None:
        told = (
            f"No trace of this time is stored; the newest began {newest:%Y-%m-%d %H:%M:%S} (UTC)."
        )
    standing = reads.traces.standing(scope.places)
    if standing.problem is not None:
        said = standing.problem.message or standing.problem.result.value
        return [told, f"Traces of {standing.problem.place} could not be read: {said}"]
    return [told] if standing.asked else [told, "They have not been collected here yet."]


def _not_there(trace_id: str, settings: Settings) -> str:
    if xray_id(trace_id) is None:
        return (
            f"{trace_id} is no id of a trace; write it as X-Ray does "
            "(1-6ab13b80-0123456789abcdef01234567) or as 32 hexadecimal digits"
        )
    return (
        f"there is no trace {trace_id} in {settings.store.path}; "
        "`watchdeck traces list` shows which are there"
    )


def _summed_up(trace: Trace) -> Iterator[str]:
    """What is known of a trace whose segments are not stored."""
    told = trace.summary
    yield f"{trace.trace_id}  {_seconds(told.duration)}"
    outcomes = ("throttle", "fault", "error")
    outcome = next((name for name in outcomes if getattr(told, name)), "ok")
    request = " ".join(part for part in (told.method, told.url) if part)
    status = "" if told.status is None else str(told.status)
    yield "  " + "  ".join(p for p in (outcome, _seconds(told.response_time), status, request) if p)
    if told.services:
        yield f"  {', '.join(dict.fromkeys(_end(node) for node in told.services))}"


def _aligned(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows under their columns, nothing cut: an id that is cut is of no use."""
    if not rows:
        return ["No trace matches."]
    every = [columns, *rows]
    widths = [max(len(row[n]) for row in every) for n in range(len(columns))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in every]


def _left(undecided: int) -> list[str]:
    if not undecided:
        return []
    who = show.counted(undecided, "trace")
    return [f"Of {who} only the summary is stored: braces and edges could not be asked there."]


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    request = " ".join(part for part in (row["method"], row["url"]) if part)
    return (
        f"{row['at'].astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        row["trace_id"],
        _outcome(row),
        _seconds(row["response_time"]),
        str(row["status"] or ""),
        request or row["entry_name"] or "",
    )


def _outcome(row: Mapping[str, Any]) -> str:
    """Throttle before fault before error, as everywhere."""
    told = [name for name in ("throttle", "fault", "error") if row[name]]
    return told[0] if told else "in progress" if row["in_progress"] else "ok"


def _tree(trace: Trace) -> Iterator[str]:
    """A line for each part, below its caller; a segment stands below the call that it answers."""
    answers: dict[str, list[Segment]] = {}
    known = {span.id for span in trace.walk()}
    for segment in trace.segments:
        if segment.parent_id in known and segment.parent_id is not None:
            answers.setdefault(segment.parent_id, []).append(segment)
    waiting = [(s, 0) for s in reversed(trace.segments) if s.parent_id not in known]
    yield f"{trace.trace_id}  {_seconds(trace.summary.duration)}"
    start = trace.summary.start
    while waiting:
        span, depth = waiting.pop()
        after = (span.start - start) / 1000
        outcome = "" if span.ok else f"  {span.outcome}"
        name = f"{'  ' * depth}{span.name}"
        kind = f"  {span.node.type}" if span.kind != "subsegment" and span.node.type else ""
        took = f"{_seconds(span.duration):>9}"
        yield f"  +{after:9.1f} ms  {took}  {name}{kind}{outcome}{_where(span, trace)}"
        below = sorted((*span.subsegments, *answers.get(span.id, ())), key=lambda s: s.start)
        waiting += [(one, depth + 1) for one in reversed(below)]


def _where(span: Segment, trace: Trace) -> str:
    """Where a segment was collected, in a trace of several places."""
    is_told = len(trace.places) > 1 and span.kind == SpanKind.SEGMENT
    return f"  in {span.collected.place}" if is_told else ""


def _title(node: Node) -> str:
    """The name of a service; of a queue, which is named by its address, the end of that."""
    return node.name.rpartition("/")[2] if node.type.startswith("AWS::SQS") else node.name


def _end(node: Node) -> str:
    """One end of a call: the name alone does not tell a function from its service."""
    return f"{_title(node)} ({node.type})" if node.type else _title(node)


def _numbers(counts: Counts) -> tuple[str, ...]:
    failed = f"{counts.failed / counts.total:.1%}" if counts.total else ""
    times = (counts.percentile(share) for share in (0.5, 0.99))
    return (
        f"{counts.total:,}",
        failed,
        *("" if t is None else written.value(t * 1000, "milliseconds") for t in times),
    )


def _seconds(micros: int | None) -> str:
    return "" if micros is None else written.value(micros / 1000, "milliseconds")
