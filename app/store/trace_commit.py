"""Traces of a batch as rows: every trace that changed is written again as a whole.

Documents of one trace come at different times and from different senders, and who
called whom and what is inferred depends on all of them. So a commit puts what is
stored and what is new together, and the newest writing of a trace is all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from app.model.ids import Place
from app.model.time import Window, from_epoch_ms
from app.model.trace_checks import EVERYTHING, LONGEST, Checked, checked, micros
from app.model.trace_merging import adds, with_earlier
from app.model.trace_reading import put_together
from app.model.trace_views import view_of
from app.model.traces import Flaw, Origin, Problem, Trace, TraceDocuments, TraceSource, View
from app.store.trace_rows import Row, frame, span_rows, trace_row
from app.store.trace_tables import SPANS, TRACES

NEAR = timedelta(days=8)
"""A trace that is stored began at most so long before or after what comes of it now: X-Ray lets
a trace change for seven days. To look for 1,000 traces takes about 0.1 s of CPU time for each
day of 100,000 stored ones, and nothing to speak of where there are a few thousand."""

FOUND_AGAIN = frozenset(
    {Flaw.NO_PARENT, Flaw.CLOCK_SKEW, Flaw.LOOP, Flaw.OPEN_AND_ENDED, Flaw.ENDS_BEFORE_START}
)
"""What is wrong with documents that are kept is found again each time they are read."""


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """What the store holds of a trace: its documents, and what they cannot tell."""

    trace_id: str
    at: datetime
    origin: Origin
    documents: Mapping[Origin, Sequence[str]]
    views: tuple[View, ...]
    problems: tuple[Problem, ...]

    def checked(self, without: Collection[str] = ()) -> Checked:
        """The parts of all documents, those that were inferred too; not of some senders."""
        found = Checked(self.trace_id, [], [])
        for origin, documents in self.documents.items():
            if origin.sender in without:
                continue
            own = checked(self.trace_id, documents, EVERYTHING, origin)
            found.parts += own.parts
            found.problems += own.problems
        return found


Stored = Callable[[Collection[str], Window], Mapping[str, StoredTrace]]
"""What is stored of these traces, which begin about in that window."""


def frames(
    given: Sequence[TraceDocuments], stored: Stored, now: datetime, seq: int
) -> dict[str, pl.DataFrame]:
    """The rows of both tables, none for a trace of which nothing is new."""
    parts: defaultdict[str, list[TraceDocuments]] = defaultdict(list)
    for one in given:
        parts[one.trace_id].append(one)
    if not parts:
        return {}
    taken = {id_: _taken(id_, some) for id_, some in parts.items()}
    known = stored(parts, _window(parts, taken, now))
    traces: list[Row] = []
    spans: list[Row] = []
    for id_, some in parts.items():
        before = known.get(id_)
        if before is not None and not _is_new(some, before):
            continue
        if before is not None and _is_stored(some, taken[id_], before):
            continue
        trace = _joined(some, taken[id_], before)
        at = before.at if before is not None else _at(trace, some, now)
        traces.append(trace_row(trace, at))
        spans += span_rows(trace, at)
    made = ((TRACES, traces), (SPANS, spans))
    return {table.name: frame(table, rows, seq) for table, rows in made if rows}


def _taken(trace_id: str, parts: Iterable[TraceDocuments]) -> Checked:
    """The documents of a trace that came now, checked."""
    found = Checked(trace_id, [], [])
    for part in parts:
        # What was made of spans has passed the limits of where it came from.
        longest = LONGEST if part.source is TraceSource.XRAY else 16 * LONGEST
        own = checked(trace_id, part.documents, longest, _origin(part))
        found.parts += own.parts
        found.problems += own.problems
    return found


def _origin(part: TraceDocuments) -> Origin:
    # What was sent here without being chosen stands for itself.
    weight = part.weight if part.source is TraceSource.XRAY else 1.0
    return Origin(part.place, part.source, weight)


def _joined(parts: Sequence[TraceDocuments], taken: Checked, before: StoredTrace | None) -> Trace:
    """A trace of what came now and of what is kept from before."""
    told = [
        replace(problem, sender=problem.sender or _origin(part).sender)
        for part in parts
        for problem in part.problems
    ]
    taken.problems = told + taken.problems
    origin = _origin(parts[-1])
    # A whole one of which nothing can be read takes nothing away.
    readable = {part.origin.sender for part in taken.parts}
    anew = {o for part in parts if part.whole and (o := _origin(part).sender) in readable}
    views = _views(parts, anew, () if before is None else before.views)
    if before is not None:
        kept = before.checked(without=anew).parts
        earlier = [p for p in before.problems if p.flaw not in FOUND_AGAIN and p.sender not in anew]
        taken.problems = with_earlier(earlier, taken.problems)
        if not taken.parts and not kept:
            origin = before.origin
        taken.parts = [p for p in kept if not p.inferred] + taken.parts
    return put_together(taken, views, origin)


def _views(
    parts: Sequence[TraceDocuments], anew: Collection[str], before: Iterable[View]
) -> list[View]:
    """What X-Ray says of the trace in each place: what it said last, and if its part is here.

    ``anew`` are the senders whose part is replaced by what came now.
    """
    views: dict[Place | None, View] = {view.place: view for view in before}
    for part in parts:
        known, origin = views.get(part.place), _origin(part)
        is_anew = part.whole and origin.sender in anew
        told = part.summary
        if told is not None and not (known and _revision(told) < known.revision):
            is_whole = is_anew or (known is not None and known.whole)
            view = view_of(part.trace_id, told, origin, is_whole)
            if known is not None and known.whole and not is_anew:
                view = replace(view, weight=known.weight)
            views[part.place] = view
        elif is_anew:
            view = known or view_of(part.trace_id, {}, origin, True)
            views[part.place] = replace(view, whole=True, weight=origin.weight)
    return list(views.values())


def _is_new(parts: Sequence[TraceDocuments], before: StoredTrace) -> bool:
    """Whether there are documents, problems, or a summary of a later revision."""
    if any(part.documents or part.problems for part in parts):
        return True
    known = {view.place: view.revision for view in before.views}
    return any(
        part.summary is not None and _revision(part.summary) > known.get(part.place, -1)
        for part in parts
    )


def _is_stored(parts: Sequence[TraceDocuments], taken: Checked, before: StoredTrace) -> bool:
    """Whether all documents are there already: senders repeat what was not answered in time."""
    told = any(part.whole or part.problems or part.summary for part in parts)
    if told or taken.problems or not taken.parts:
        return False
    kept = {p.id: p for p in before.checked().parts}
    return not any(adds(part, kept.get(part.id)) for part in taken.parts)


def _revision(summary: Mapping[str, Any] | None) -> int:
    revision = (summary or {}).get("Revision")
    return revision if isinstance(revision, int) else 0


def _at(trace: Trace, parts: Sequence[TraceDocuments], now: datetime) -> datetime:
    """The start of a trace; the commit's own time if nothing of it could be read."""
    if trace.segments or any(part.summary for part in parts):
        return from_epoch_ms(trace.summary.start // 1000)
    return now


def _window(
    parts: Mapping[str, Sequence[TraceDocuments]], taken: Mapping[str, Checked], now: datetime
) -> Window:
    """Where the traces of a batch may lie, if they are stored."""
    starts = [part.start for one in taken.values() for part in one.parts]
    told = [p.summary.get("StartTime") for some in parts.values() for p in some if p.summary]
    starts += [start for start in map(micros, told) if start is not None]
    if not starts:
        return Window(now - NEAR, now + NEAR)
    first, last = (from_epoch_ms(t // 1000) for t in (min(starts), max(starts)))
    return Window(first - NEAR, last + NEAR)
