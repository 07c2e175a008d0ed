"""A trace's rows in the order in which they are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.model.traces import Outcome, SpanKind
from app.read.waterfall.critical import critical_path
from app.read.waterfall.spans import Span, Stretch
from app.read.waterfall.tree import Tree, tree

ALIKE = 5
"""So many siblings without children that did the same stand in one row that can be opened."""


@dataclass(frozen=True, slots=True)
class Row:
    """A span, or ``count`` alike ones in a row of their own.

    ``own`` are the stretches in which none of its children ran, and ``path``
    those on the critical path. ``below`` says how many of the following rows
    belong to it. ``looped`` and ``orphan`` tell what is wrong with its parent.
    """

    span: Span
    depth: int
    start: int
    end: int
    own: tuple[Stretch, ...]
    path: tuple[Stretch, ...] = ()
    below: int = 0
    count: int = 1
    orphan: bool = False
    looped: bool = False

    @property
    def self_time(self) -> int:
        """Microseconds in which it did not wait for a child."""
        return sum(end - start for start, end in self.own)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which nothing of the trace ran: ``before`` had ended, ``after`` came next."""

    start: int
    end: int
    before: Span
    after: Span


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All rows, the trace's first and last moment, and where nothing ran."""

    rows: tuple[Row, ...]
    start: int
    end: int
    gaps: tuple[Gap, ...] = ()

    @property
    def services(self) -> tuple[str, ...]:
        """Where it ran, in the order of first appearance."""
        return tuple(dict.fromkeys(row.span.service for row in self.rows))


def waterfall(spans: Sequence[Span]) -> Waterfall:
    """The rows of a trace; empty when there is no span."""
    found = tree(spans)
    if not found.spans:
        return Waterfall((), 0, 0)
    path = critical_path(found, main_root(found))
    start = min(span.start for span in found.spans)
    end = max(found.stretch(n)[1] for n in range(len(found.spans)))
    rows = _counted(list(_rows(found, path)))
    return Waterfall(tuple(rows), start, end, tuple(_gaps(found)))


def main_root(found: Tree) -> int:
    """The span that the request entered by: the earliest real one that has no parent."""
    real = [n for n in found.roots if found.spans[n].kind is not SpanKind.INFERRED]
    proper = [n for n in real if n not in found.orphans]
    return min(proper or real or found.roots)


def without(stretch: Stretch, covered: Iterable[Stretch]) -> Iterator[Stretch]:
    """What of a stretch is left when the others are taken out; those come by their start."""
    at, end = stretch
    for since, until in covered:
        if since > at:
            yield at, min(since, end)
        at = max(at, until)
        if at >= end:
            return
    if at < end:
        yield at, end


def _rows(found: Tree, path: dict[int, list[Stretch]]) -> Iterator[Row]:
    """Parents before children; alike children behind a row that stands for them."""
    waiting: list[tuple[tuple[int, ...], int]] = [((n,), 0) for n in reversed(found.roots)]
    while waiting:
        alike, depth = waiting.pop()
        if len(alike) > 1:
            yield _group(found, alike, depth, path)
            waiting.extend(((n,), depth + 1) for n in reversed(alike))
            continue
        at = alike[0]
        yield _row(found, at, depth, path)
        waiting.extend((each, depth + 1) for each in reversed(_groups(found, found.children[at])))


def _groups(found: Tree, children: Sequence[int]) -> list[tuple[int, ...]]:
    """Children that did the same and have no children of their own stand together."""
    alike: dict[tuple[str, str, str], list[int]] = {}
    for n in children:
        if not found.children[n]:
            span = found.spans[n]
            alike.setdefault((span.label, span.target, span.service), []).append(n)
    together = {n: tuple(each) for each in alike.values() if len(each) >= ALIKE for n in each}
    return list(dict.fromkeys(together.get(n, (n,)) for n in children))


def _row(found: Tree, at: int, depth: int, path: dict[int, list[Stretch]]) -> Row:
    start, end = found.stretch(at)
    children = [found.stretch(child) for child in found.children[at]]
    return Row(
        found.spans[at],
        depth,
        start,
        end,
        tuple(without((start, end), children)),
        tuple(path.get(at, ())),
        orphan=at in found.orphans,
        looped=at in found.looped,
    )


def _group(found: Tree, alike: Sequence[int], depth: int, path: dict[int, list[Stretch]]) -> Row:
    stretches = [found.stretch(n) for n in alike]
    start, end = stretches[0][0], max(end for _, end in stretches)
    worst = max((found.spans[n].outcome for n in alike), key=list(Outcome).index)
    first = found.spans[alike[0]]
    shown = replace(first, id=f"{first.id}*", start=start, end=end, outcome=worst, status=None)
    return Row(
        shown,
        depth,
        start,
        end,
        tuple(joined(stretches)),
        tuple(joined(sorted(s for n in alike for s in path.get(n, ())))),
        count=len(alike),
    )


def joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Stretches in the order of their start, those that touch made one."""
    since = until = None
    for start, end in stretches:
        if until is not None and start <= until:
            until = max(until, end)
            continue
        if since is not None and until is not None:
            yield since, until
        since, until = start, end
    if since is not None and until is not None:
        yield since, until


def _counted(rows: list[Row]) -> list[Row]:
    """Each row told how many of the following belong to it."""
    below = [0] * len(rows)
    above: list[int] = []
    for n, row in enumerate(rows):
        while above and rows[above[-1]].depth >= row.depth:
            last = above.pop()
            below[last] = n - last - 1
        above.append(n)
    for last in above:
        below[last] = len(rows) - last - 1
    return [
        replace(row, below=count) if count else row for row, count in zip(rows, below, strict=True)
    ]


def _gaps(found: Tree) -> Iterator[Gap]:
    """Where nothing ran between the first start and the last end."""
    latest = 0
    for n, span in enumerate(found.spans):
        before = found.stretch(latest)[1]
        if span.start > before:
            yield Gap(before, span.start, found.spans[latest], span)
        if found.stretch(n)[1] >= before:
            latest = n
