"""What a query would read and do, in words, without doing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.model.time import from_epoch_ms
from app.query.insights import tree
from app.query.insights.limits import written
from app.query.insights.order import Outline
from app.query.insights.printer import printed
from app.query.insights.source import Found, Need, Part


class Way(StrEnum):
    """How the parts of the events are read."""

    NEWEST = "newest first, until no older event can change the answer"
    BATCHES = "batch by batch, newest first"
    ONE = "in one plan"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A checked query and how it would be answered; ``plan`` is that of polars."""

    query: str
    steps: tuple[str, ...]
    plan: str

    def __str__(self) -> str:
        return "\n".join([self.query, "", *self.steps, "", self.plan])


def explained(
    query: tree.Query, need: Need, found: Found, outline: Outline, way: Way, plan: str
) -> Explanation:
    """What is known of a query before its first event is read."""
    steps = (
        *_asked(need),
        *_left_out(found),
        f"reads {_amount(found.parts)} {way}",
        *_columns(need, found.parts),
        *_reduced(outline),
    )
    return Explanation(printed(query), steps, plan)


def _asked(need: Need) -> list[str]:
    groups = "all log groups" if need.groups is None else f"{len(need.groups):,} log groups"
    start, end = (from_epoch_ms(ms).isoformat() for ms in (need.start_ms, need.end_ms))
    said = [f"asks {groups} from {start} to {end}"]
    if need.conditions:
        known = " and ".join(map(str, need.conditions))
        said.append(f"knows before it reads that {known}")
    return said


def _left_out(found: Found) -> list[str]:
    return [
        f"leaves out {each.parts:,} segments with {each.rows:,} events: {each.why}"
        for each in found.skipped
    ]


def _amount(parts: Sequence[Part]) -> str:
    rows, size = sum(part.rows for part in parts), sum(part.bytes for part in parts)
    segments = sum(part.segments for part in parts)
    return f"{rows:,} events ({written(size)} of messages) of {segments:,} segments"


def _columns(need: Need, parts: Sequence[Part]) -> list[str]:
    held = {name for part in parts for name in part.columns}
    absent = sorted(need.fields - held)
    slow = sum(part.rows for part in parts if part.parses)
    said = []
    if slow:
        said.append(f"takes the messages of {slow:,} events apart for fields that have no column")
    if absent:
        said.append(f"finds nowhere, or makes itself: {', '.join(absent)}")
    return said


def _reduced(outline: Outline) -> list[str]:
    if outline.newest or not outline.reduce:
        return []
    kind = "sort" if isinstance(outline.reduce[0], tree.Sort) else "dedup"
    return [f"keeps at most {outline.most:,} rows at each step, because a {kind} follows"]
