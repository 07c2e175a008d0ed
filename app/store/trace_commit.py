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

from app.model.time import Window, from_epoch_ms
from app.model.trace_checks import LONGEST, Checked, Part, checked, micros
from app.model.trace_reading import Origin, put_together
from app.model.traces import Flaw, Problem, Trace, TraceDocuments, TraceSource
from app.store.trace_tables import SPANS, TRACES, Row, frame, span_rows, trace_row

NEAR = timedelta(days=1)
"""A trace that is stored began at most so long before or after what comes of it now."""

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
    documents: tuple[str, ...]
    revision: int
    causes: Mapping[str, Any]
    problems: tuple[Problem, ...]


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
        own = checked(trace_id, part.documents, longest)
        found.parts += own.parts
        found.problems += own.problems
    return found


def _joined(parts: Sequence[TraceDocuments], taken: Checked, before: StoredTrace | None) -> Trace:
    """A trace of what came now and of what is kept from before."""
    replaced = any(part.whole for part in parts)
    problems = [problem for part in parts for problem in part.problems]
    if before is not None and not replaced:
        kept = checked(taken.trace_id, before.documents, longest=2**31)
        taken.parts = [p for p in kept.parts if not p.inferred] + taken.parts
        problems += [p for p in before.problems if p.flaw not in FOUND_AGAIN]
    taken.problems = problems + taken.problems
    newest = parts[-1]
    origin = Origin(newest.place, newest.source, newest.weight)
    if before is not None:
        weight = newest.weight if replaced else before.origin.weight
        origin = replace(before.origin, weight=weight)
    return put_together(taken, _summary(parts, before), origin)


def _summary(
    parts: Sequence[TraceDocuments], before: StoredTrace | None
) -> Mapping[str, Any] | None:
    told = [part.summary for part in parts if part.summary is not None]
    if told:
        return told[-1]
    return None if before is None else {"Revision": before.revision, **before.causes}


def _is_new(parts: Sequence[TraceDocuments], before: StoredTrace) -> bool:
    """Whether there are documents, problems, or a summary of a later revision."""
    if any(part.documents or part.problems for part in parts):
        return True
    return any(_revision(part.summary) > before.revision for part in parts)


def _is_stored(parts: Sequence[TraceDocuments], taken: Checked, before: StoredTrace) -> bool:
    """Whether all documents are there already: senders repeat what was not answered in time."""
    told = any(part.whole or part.problems or part.summary for part in parts)
    if told or taken.problems or not taken.parts:
        return False
    kept = {p.id: p for p in checked(taken.trace_id, before.documents, longest=2**31).parts}
    return all(_same(part, kept.get(part.id)) for part in taken.parts)


_ADDED = frozenset({"trace_id", "type", "parent_id"})
"""Members that stored documents have in any case."""


def _same(part: Part, stored: Part | None) -> bool:
    if stored is None or (part.end, part.nested, part.parent_id) != (
        stored.end,
        stored.nested,
        stored.parent_id,
    ):
        return False
    one, two = (
        {key: value for key, value in p.document.items() if key not in _ADDED}
        for p in (part, stored)
    )
    return one == two


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
