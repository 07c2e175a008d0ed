"""What a trace spent its time on: one line for each kind of work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.model.traces import Outcome
from app.read.waterfall.rows import Row


@dataclass(frozen=True, slots=True)
class Operation:
    """All spans of one service that did the same; times in microseconds.

    ``path`` is their part of the critical path.
    """

    service: str
    label: str
    count: int
    total: int
    own: int
    longest: int
    path: int
    failed: int


def operations(rows: Iterable[Row]) -> tuple[Operation, ...]:
    """The kinds of work of a trace, those with the most time of their own first."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.count == 1:  # rows that stand for several are followed by these
            found.setdefault((row.span.service, row.span.label), []).append(row)
    each = (_operation(service, label, of) for (service, label), of in found.items())
    return tuple(sorted(each, key=lambda one: (-one.own, one.service, one.label)))


def _operation(service: str, label: str, rows: list[Row]) -> Operation:
    lengths = [row.end - row.start for row in rows]
    return Operation(
        service,
        label,
        len(rows),
        sum(lengths),
        sum(row.self_time for row in rows),
        max(lengths),
        sum(end - start for row in rows for start, end in row.path),
        sum(row.span.outcome is not Outcome.OK for row in rows),
    )
