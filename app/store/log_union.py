"""Which fields segments of log events have together, and which of them get a column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.model.logs import MOST_COLUMNS, MOST_FIELDS, FieldInfo, FieldKind
from app.store.log_facts import LogFacts

WORTH = 0.02
"""The share of events that must hold a field so that messages are read to complete its column."""


@dataclass(frozen=True, slots=True)
class United:
    """Fields of several segments together; ``columns`` are those that get one, in order."""

    infos: Mapping[str, FieldInfo]
    columns: tuple[str, ...]
    more: bool


def united(parts: Sequence[tuple[int, LogFacts]], *, complete: bool) -> United:
    """The fields of segments, each given with its number of rows.

    A column must be complete. With ``complete`` the caller reads what is missing
    from messages where that is worth it; else a field that some segment may
    hold without a column has none afterwards.
    """
    counts: defaultdict[str, int] = defaultdict(int)
    within: defaultdict[str, int] = defaultdict(int)
    kinds: defaultdict[str, set[FieldKind]] = defaultdict(set)
    for _, facts in parts:
        for name, info in facts.fields.items():
            counts[name] += info.count
            within[name] += info.count if info.column else 0
            kinds[name].add(info.kind)
    least = WORTH * sum(rows for rows, _ in parts) if complete else float("inf")
    often = sorted(counts, key=lambda name: (-counts[name], name))
    columns = [
        name
        for name in often
        if (counts[name] >= least and 2 * within[name] >= counts[name])
        or (within[name] and not any(may_hide(facts, name) for _, facts in parts))
    ]
    chosen = set(columns[:MOST_COLUMNS])
    infos = {
        name: FieldInfo(_kind(kinds[name]), counts[name], name in chosen)
        for name in often[:MOST_FIELDS]
    }
    more = len(often) > MOST_FIELDS or any(facts.more_fields for _, facts in parts)
    return United(infos, tuple(sorted(chosen & infos.keys())), more)


def may_hide(facts: LogFacts, name: str) -> bool:
    """Whether messages of a segment may hold a field that has no column there."""
    info = facts.fields.get(name)
    return facts.more_fields if info is None else not info.column


def _kind(kinds: set[FieldKind]) -> FieldKind:
    return next(iter(kinds)) if len(kinds) == 1 else FieldKind.MIXED
