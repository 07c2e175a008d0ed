"""Two traces of one kind side by side: what is new, what is gone, what became slower.

Spans are matched by the way that leads to them (service and operation of each
step from the root), so ids and the order of siblings do not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.read.waterfall.rows import Row

SAME_SHARE, SAME_US = 0.1, 1_000
"""What moved by less than a tenth of the longer one, or by less than a millisecond, is the same."""


class Change(StrEnum):
    """What became of a kind of work."""

    ADDED = "added"
    REMOVED = "removed"
    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Difference:
    """One step in both traces: how often and how long (microseconds), here and there.

    ``own`` and ``other_own`` are the times without those of the children;
    they decide, so that a slow child does not mark everything above it.
    """

    service: str
    label: str
    depth: int
    change: Change
    count: int
    other_count: int
    total: int
    other_total: int
    own: int
    other_own: int


@dataclass(slots=True)
class _Sum:
    count: int = 0
    total: int = 0
    own: int = 0


@dataclass(slots=True)
class _Step:
    """A step of both traces, and the steps that follow from it."""

    service: str
    label: str
    depth: int
    here: _Sum = field(default_factory=_Sum)
    there: _Sum = field(default_factory=_Sum)
    next: dict[tuple[str, str], _Step] = field(default_factory=dict)


def differences(rows: Sequence[Row], others: Sequence[Row]) -> tuple[Difference, ...]:
    """What the first trace has against the second, in the order of the first."""
    top = _Step("", "", -1)
    for row, step in _placed(top, rows):
        _add(step.here, row)
    for row, step in _placed(top, others):
        _add(step.there, row)
    return tuple(_walked(top))


def _placed(top: _Step, rows: Sequence[Row]) -> Iterator[tuple[Row, _Step]]:
    """Each row with its step; alike siblings count one by one."""
    above: list[tuple[int, _Step]] = []
    for row in rows:
        while above and above[-1][0] >= row.depth:
            above.pop()
        parent = above[-1][1] if above else top
        if row.count > 1:
            above.append((row.depth, parent))
            continue
        key = (row.span.service, row.span.label)
        step = parent.next.setdefault(key, _Step(*key, parent.depth + 1))
        above.append((row.depth, step))
        yield row, step


def _add(sums: _Sum, row: Row) -> None:
    sums.count += 1
    sums.total += row.end - row.start
    sums.own += row.self_time


def _walked(top: _Step) -> Iterator[Difference]:
    waiting = list(reversed(top.next.values()))
    while waiting:
        step = waiting.pop()
        yield _difference(step)
        waiting.extend(reversed(step.next.values()))


def _difference(step: _Step) -> Difference:
    here, there = step.here, step.there
    return Difference(
        step.service,
        step.label,
        step.depth,
        _change(here, there),
        here.count,
        there.count,
        here.total,
        there.total,
        here.own,
        there.own,
    )


def _change(here: _Sum, there: _Sum) -> Change:
    if not there.count:
        return Change.ADDED
    if not here.count:
        return Change.REMOVED
    moved = here.own - there.own
    if abs(moved) < max(SAME_US, SAME_SHARE * max(here.own, there.own)):
        return Change.SAME
    return Change.SLOWER if moved > 0 else Change.FASTER
